"""Doing one thing with many chosen records."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.engine import write
from guanxi.engine.parse import parse_values
from guanxi.engine.retention import removal
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.schema.definition import ObjectType
from guanxi.web import rendering, widgets
from guanxi.web.numbers_in import wholes
from guanxi.web.permission import allowed, readable
from guanxi.web.request import Request

LIMIT = 2000


@require_http_methods(["GET", "POST"])
def bulk(request: Request, object_key: str) -> HttpResponse:
    """GET gives the dialog that asks for a field and its value, POST does it for every chosen record."""
    kind = readable(request.actor, object_key)
    if request.method == "GET":
        allowed(request.actor, "edit", kind)
        return _dialog(request, kind, request.GET.getlist("id"), request.GET.get("field", ""))
    ids = _chosen(request.POST.getlist("id"))
    what = request.POST.get("what", "")
    if what == "edit":
        return _edit(request, kind, ids)
    if what == "purge":
        return _purge(request, kind, ids)
    with write.change(request.actor, cause="web") as door:
        if what == "delete":
            door.delete(kind.key, ids)
            words = ngettext(
                "%(count)s record moved to the recycle bin.", "%(count)s records moved to the recycle bin.", len(ids)
            )
        elif what == "restore":
            door.restore(kind.key, ids)
            words = ngettext("%(count)s record restored.", "%(count)s records restored.", len(ids))
        else:
            raise NotFound(_("There is no action called “%(key)s”.") % {"key": what[:63]})
    return rendering.done(words % {"count": len(ids)}, door.change_set, refresh=True)


def _chosen(texts: list[str]) -> list[int]:
    ids = wholes(texts)
    if not ids:
        raise Invalid(_("Select at least one record."))
    if len(ids) > LIMIT:
        raise Invalid(_("Select at most %(limit)d records at a time.") % {"limit": LIMIT})
    return ids


def _purge(request: Request, kind: ObjectType, ids: list[int]) -> HttpResponse:
    found = removal.purge(request.actor, kind.key, ids, "web")
    words = ngettext("%(count)s record removed for good.", "%(count)s records removed for good.", found.removed)
    said = words % {"count": found.removed}
    if found.kept:
        more = ngettext(
            "%(count)s is kept, because other records point to it.",
            "%(count)s are kept, because other records point to them.",
            found.kept,
        )
        said = f"{said} {more % {'count': found.kept}}"
    return rendering.done(said, refresh=True)


def _edit(request: Request, kind: ObjectType, ids: list[int]) -> HttpResponse:
    field = kind.fields.get(request.POST.get("field", ""))
    if field is None or not widgets.may_ask(field, request.actor):
        raise NotFound(_("There is no such field."))
    raw = widgets.sent(request.POST, [(field.key, field.spec)])
    try:
        with write.change(request.actor, cause="web") as door:
            door.update_many(kind.key, ids, parse_values(kind, raw, only=[field.key]))
    except Invalid as error:
        return _dialog(request, kind, [str(pk) for pk in ids], field.key, raw, error)
    words = ngettext("%(count)s record changed.", "%(count)s records changed.", len(ids)) % {"count": len(ids)}
    return rendering.done(words, door.change_set, closeDialog=True, refresh=True)


def _dialog(
    request: Request,
    kind: ObjectType,
    ids: list[str],
    key: str,
    raw: dict[str, object] | None = None,
    error: Invalid | None = None,
) -> HttpResponse:
    actor = request.actor
    fields = [field for field in kind.fields.values() if widgets.may_ask(field, actor) and not field.spec.unique]
    chosen = next((field for field in fields if field.key == key), fields[0])
    messages = [m for rows in error.rows.values() for ms in rows.values() for m in ms] if error else []
    messages += [m for ms in error.fields.values() for m in ms] if error else []
    errors = {chosen.key: list(dict.fromkeys(messages or [error.message]))} if error else {}
    context = {
        "kind": kind,
        "ids": wholes(ids),
        "fields": fields,
        "chosen": chosen,
        "asked": widgets.ask(actor, [(chosen.key, chosen.spec)], raw or {}, errors=errors, object_key=kind.key)[0],
    }
    return rendering.fragment(request, "list/bulk_dialog.html", context, 422 if error else 200)
