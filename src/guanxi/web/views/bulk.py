"""Doing one thing with many records: those chosen in a list, or everything that meets its filter."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.engine.bulk import order as orders
from guanxi.engine.bulk import run
from guanxi.engine.bulk.order import SEVERAL, Order
from guanxi.engine.bulk.tables import BulkRun
from guanxi.engine.query import Tree
from guanxi.engine.retention import removal
from guanxi.kernel.errors import Invalid, NotFound, QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web import rendering, widgets
from guanxi.web.listing import ListState, read_state
from guanxi.web.numbers_in import wholes
from guanxi.web.permission import allowed, readable
from guanxi.web.request import Request

LIMIT = 2000
"""So many rows can be ticked one by one; more are chosen by the filter."""
RIGHTS = {"edit": "edit", "delete": "delete", "restore": "restore"}
WAYS = ("update", "add", "remove")


@require_http_methods(["GET", "POST"])
def bulk(request: Request, object_key: str) -> HttpResponse:
    """GET gives the dialog that asks what exactly, POST does it. ``all`` means everything that meets the list's filter."""
    kind = readable(request.actor, object_key)
    state = read_state(request, kind)
    if request.method == "GET":
        what = request.GET.get("what", "edit")
        allowed(request.actor, RIGHTS.get(what, "edit"), kind)
        if what == "edit":
            return _dialog(request, state, request.GET.getlist("id"), request.GET.get("field", ""))
        return _confirm(request, state, request.GET.getlist("id"), what)
    what = request.POST.get("what", "")
    if what == "purge":
        return _purge(request, kind, _chosen(request.POST.getlist("id")))
    if what == "edit":
        return _edit(request, state)
    if what not in RIGHTS:
        raise NotFound(_("There is no action called “%(key)s”.") % {"key": what[:63]})
    made = run.begin(request.actor, _order(request, state, what, {}), "web", _request_id(request))
    return _answer(request, made)


def _order(request: Request, state: ListState, operation: str, values: dict[str, object]) -> Order:
    """The records meant: those ticked, or with ``all`` those of the list as its address describes it."""
    if _everything(request):
        return Order(state.kind.key, operation, values, None, _understood(state))
    return Order(state.kind.key, operation, values, tuple(_chosen(_given(request).getlist("id"))))


def _understood(state: ListState) -> Tree | None:
    """The condition of the list; a filter that cannot be read must not pass for none, which would mean every record."""
    if state.error:
        raise QueryError(state.error)
    return state.tree


def _given(request: Request) -> Any:
    return request.POST if request.method == "POST" else request.GET


def _everything(request: Request) -> bool:
    return bool(_given(request).get("all") == "1")


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


def _edit(request: Request, state: ListState) -> HttpResponse:
    kind = state.kind
    field = kind.fields.get(request.POST.get("field", ""))
    if field is None or not widgets.may_ask(field, request.actor):
        raise NotFound(_("There is no such field."))
    raw = widgets.sent(request.POST, [(field.key, field.spec)])
    way = request.POST.get("way", "update")
    operation = way if way in WAYS and field.kind.family in SEVERAL else "update"
    order = _order(request, state, operation, raw)
    try:
        made = run.begin(request.actor, order, "web", _request_id(request))
    except Invalid as error:
        return _dialog(request, state, request.POST.getlist("id"), field.key, raw, error, operation)
    return _answer(request, made)


def _answer(request: Request, made: BulkRun) -> HttpResponse:
    """Where all went well a sentence, with undo beside it; else the page that tells what is going on or was left out."""
    if made.job is not None:
        return rendering.go(request, f"/bulk/{made.pk}")
    said = words(made)
    if made.rejected:
        return rendering.go(request, f"/bulk/{made.pk}", said)
    return rendering.done(said, made.change_set, closeDialog=True, refresh=True)


def words(made: BulkRun) -> str:
    """What a run did, in a sentence."""
    number = made.done
    if made.operation == "delete":
        text = ngettext(
            "%(count)s record moved to the recycle bin.", "%(count)s records moved to the recycle bin.", number
        )
    elif made.operation == "restore":
        text = ngettext("%(count)s record restored.", "%(count)s records restored.", number)
    else:
        text = ngettext("%(count)s record changed.", "%(count)s records changed.", number)
    return text % {"count": f"{number:,}"}


def _request_id(request: Request) -> str:
    return request.headers.get("X-Request-Id", "")[:40]


def _about(request: Request, state: ListState, ids: list[str], operation: str) -> dict[str, Any]:
    """What the dialogs say of the records: how many, and that it is everything of the filter."""
    everything = _everything(request)
    chosen = wholes(ids)
    number = (
        orders.count(request.actor, Order(state.kind.key, operation, tree=_understood(state)))
        if everything
        else len(chosen)
    )
    return {
        "kind": state.kind,
        "address": state.fragment("bulk"),
        "everything": everything,
        "filter": state.line,
        "ids": [] if everything else chosen,
        "number": number,
        "too_many": number > orders.MOST,
        "most": orders.MOST,
        "in_background": number > run.AT_ONCE,
    }


def _confirm(request: Request, state: ListState, ids: list[str], what: str) -> HttpResponse:
    if what not in RIGHTS:
        raise NotFound(_("There is no action called “%(key)s”.") % {"key": what[:63]})
    context = {**_about(request, state, ids, what), "what": what}
    return rendering.fragment(request, "list/bulk_confirm.html", context)


def _dialog(
    request: Request,
    state: ListState,
    ids: list[str],
    key: str,
    raw: dict[str, object] | None = None,
    error: Invalid | None = None,
    way: str = "",
) -> HttpResponse:
    actor, kind = request.actor, state.kind
    fields = [field for field in kind.fields.values() if widgets.may_ask(field, actor) and not field.spec.unique]
    chosen = next((field for field in fields if field.key == key), fields[0])
    messages = [m for rows in error.rows.values() for ms in rows.values() for m in ms] if error else []
    messages += [m for ms in error.fields.values() for m in ms] if error else []
    errors = {chosen.key: list(dict.fromkeys(messages or [error.message]))} if error else {}
    context = {
        **_about(request, state, ids, "update"),
        "fields": fields,
        "chosen": chosen,
        "several": chosen.kind.family in SEVERAL,
        "way": way or _usual_way(chosen),
        "asked": widgets.ask(actor, [(chosen.key, chosen.spec)], raw or {}, errors=errors, object_key=kind.key)[0],
    }
    return rendering.fragment(request, "list/bulk_dialog.html", context, 422 if error else 200)


def _usual_way(field: FieldDefinition) -> str:
    """To what holds several values people mostly add one."""
    return "add" if field.kind.family in SEVERAL else "update"
