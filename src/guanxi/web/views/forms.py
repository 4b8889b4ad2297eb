"""The form for a new record and for changing one, as a page and as a quick dialog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.access.actor import Actor
from guanxi.engine import read, write
from guanxi.engine.dedupe.checking import Check, matches_of
from guanxi.engine.matching.keeping import Duplicate
from guanxi.engine.parse import parse_values
from guanxi.engine.query import Condition
from guanxi.engine.shapes import Row
from guanxi.kernel.errors import Conflict, Invalid, Refused
from guanxi.schema import registry
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web import addresses, rendering, widgets
from guanxi.web.numbers_in import whole
from guanxi.web.permission import allowed, readable
from guanxi.web.request import Request, is_htmx
from guanxi.web.views import duplicates
from guanxi.web.widgets import Asked

USUAL = "is_default"


@dataclass(frozen=True)
class Group:
    """A titled group of fields."""

    label: str
    fields: tuple[Asked, ...]


@require_http_methods(["GET", "POST"])
def create(request: Request, object_key: str) -> HttpResponse:
    """A new record. ``quick=1`` asks only the quick fields, in a dialog."""
    actor = request.actor
    kind = readable(actor, object_key)
    allowed(actor, "create", kind)
    quick = (request.GET.get("quick") or request.POST.get("quick")) == "1"
    fields = asked_fields(actor, kind, quick=quick)
    if request.method == "GET":
        raw = initial(actor, kind) | {key: request.GET[key] for key in request.GET if key in kind.fields}
        return _show(request, kind, fields, raw, quick=quick)
    raw = widgets.sent(request.POST, [(field.key, field.spec) for field in fields])
    hidden = {k: v for k, v in request.POST.items() if k in kind.fields and k not in raw and _may_fill(actor, kind, k)}
    try:
        values = parse_values(kind, {**hidden, **raw})
        if (seen := duplicates.of_form(request, kind, {**values, **duplicates.typed(kind, raw)})) is not None:
            return _show(request, kind, fields, {**hidden, **raw}, quick=quick, check=seen)
        with write.change(actor, cause="web") as door:
            made = door.create(kind.key, {key: value for key, value in values.items() if value is not None})
    except (Invalid, Duplicate) as error:
        return _show(request, kind, fields, {**hidden, **raw}, quick=quick, error=error)
    return _saved(request, kind, made.pk, quick=quick, title=kind.title_of(made), undo=door.change_set)


def _may_fill(actor: Actor, kind: ObjectType, key: str) -> bool:
    return widgets.may_ask(kind.fields[key], actor)


def _saved(request: Request, kind: ObjectType, pk: int, *, quick: bool, title: str, undo: int | None) -> HttpResponse:
    message = _("%(object)s “%(title)s” created.") % {"object": kind.label, "title": title}
    stay = request.POST.get("stay", "")
    if quick and stay and is_htmx(request):
        made = {"object": kind.key, "id": pk, "title": title}
        events = {"refresh": True} if stay == "refresh" else {}
        return rendering.done(message, undo, closeDialog=True, created=made, **events)
    return rendering.go(request, addresses.record(kind.key, pk), message, undo)


@require_http_methods(["GET", "POST"])
def edit(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Change every field of a record at once."""
    actor = request.actor
    kind = readable(actor, object_key)
    view = read.get(actor, kind.key, record_id)
    if "edit" not in view.can:
        raise Refused(_("You may read this record but not change it."))
    fields = [field for field in asked_fields(actor, kind, quick=False) if field.key not in view.row.masked]
    stored = {field.key: widgets.form_text(field.spec, view.row.values.get(field.key)) for field in fields}
    if request.method == "GET":
        return _show(request, kind, fields, stored, row=view.row)
    raw = widgets.sent(request.POST, [(field.key, field.spec) for field in fields])
    try:
        # Only what the person changed is written, so that two people can work on different fields.
        changed = {key: text for key, text in raw.items() if text != stored[key]}
        values = parse_values(kind, changed)
        with write.change(actor, cause="web") as door:
            door.update(kind.key, record_id, values, version=whole(request.POST.get("version", "")))
    except (Invalid, Conflict) as error:
        return _show(request, kind, fields, raw, row=view.row, error=error)
    return rendering.go(request, addresses.record(kind.key, record_id), _("Saved."), door.change_set)


def asked_fields(actor: Actor, kind: ObjectType, *, quick: bool) -> list[FieldDefinition]:
    """The fields a form asks, in the order of its sections."""
    if quick:
        keys = [field.key for field in kind.quick_fields]
        keys += [
            f.key for f in kind.fields.values() if f.spec.required and f.spec.default is None and f.key not in keys
        ]
    else:
        keys = [key for section in kind.sections for key in section.fields]
    return [kind.fields[key] for key in dict.fromkeys(keys) if widgets.may_ask(kind.fields[key], actor)]


def initial(actor: Actor, kind: ObjectType) -> dict[str, Any]:
    """What a new form starts with: the defaults, and the person as owner."""
    raw: dict[str, Any] = {}
    for field in kind.fields.values():
        default = field.spec.default
        if default is not None:
            raw[field.key] = widgets.form_text(field.spec, default() if callable(default) else default)
    if kind.owned and actor.user_id:
        raw["owner"] = str(actor.user_id)
    scope = kind.board.scope if kind.board is not None else ""
    if scope and scope not in raw and (usual := _usual(actor, kind.fields[scope])):
        raw[scope] = usual
    return raw


def _usual(actor: Actor, field: FieldDefinition) -> str:
    """The record of a small object that is marked as the usual choice (the default pipeline)."""
    target = registry.get(field.spec.target)
    if USUAL not in target.fields or not actor.can("read", target.key):
        return ""
    listing = read.Listing(query=Condition(USUAL, "eq", True), columns=(USUAL,), size=1, count=False)
    rows = read.page(actor, target.key, listing).rows
    return str(rows[0].id) if rows else ""


def _show(
    request: Request,
    kind: ObjectType,
    fields: list[FieldDefinition],
    raw: Mapping[str, Any],
    *,
    quick: bool = False,
    row: Row | None = None,
    error: Invalid | Conflict | None = None,
    check: Check | None = None,
) -> HttpResponse:
    if isinstance(error, Duplicate):
        check = matches_of(request.actor, error.kind, error.found)
    errors = error.fields if isinstance(error, Invalid) else {}
    currency = str(raw.get("currency") or (row.currency if row else ""))
    asked = widgets.ask(
        request.actor,
        [(field.key, field.spec) for field in fields],
        raw,
        errors=errors,
        object_key=kind.key,
        currency=currency,
    )
    known = {field.key for field in fields}
    context = {
        "kind": kind,
        "here": kind.key,
        "row": row,
        "groups": _grouped(kind, asked, quick=quick),
        "hidden": _unasked(kind, raw, known) if quick else {},
        "error": error,
        "problems": _problems(kind, errors, known),
        "checked": kind.declaration.duplicates is not None,
        "check": check,
        "stay": request.GET.get("stay") or request.POST.get("stay", ""),
        "action": f"/o/{kind.key}/{row.id}/edit" if row else f"/o/{kind.key}/new",
        "back": addresses.record(kind.key, row.id) if row else addresses.listing(kind.key),
    }
    status = 200 if error is None and check is None else 422
    if quick:
        return rendering.fragment(request, "form/quick.html", context, status)
    if is_htmx(request):
        return rendering.fragment(request, "form/form.html", context, status)
    return rendering.page(request, "form/page.html", context, status)


def _unasked(kind: ObjectType, raw: Mapping[str, Any], known: set[str]) -> dict[str, str]:
    """Texts that came with the address for fields the quick form does not show."""
    return {
        key: text
        for key, text in raw.items()
        if key in kind.fields and key not in known and text and isinstance(text, str)
    }


def _grouped(kind: ObjectType, asked: list[Asked], *, quick: bool) -> list[Group]:
    if quick:
        return [Group("", tuple(asked))]
    by_key = {one.key: one for one in asked}
    groups = [
        Group(str(section.label), tuple(by_key[key] for key in section.fields if key in by_key))
        for section in kind.sections
    ]
    return [group for group in groups if group.fields]


def _problems(kind: ObjectType, errors: Mapping[str, list[str]], known: set[str]) -> list[tuple[str, str, str]]:
    """(field key or nothing, label, message) of every error; those of fields not in the form have no link."""
    found: list[tuple[str, str, str]] = []
    for key, messages in errors.items():
        label = str(kind.fields[key].label) if key in kind.fields else ""
        found.extend((key if key in known else "", label, message) for message in messages)
    return found
