"""The board: columns, cards, and the move of a card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.access.actor import Actor
from guanxi.engine import read, write
from guanxi.engine.parse import parse_values
from guanxi.engine.rows import label_rows
from guanxi.engine.shapes import BoardColumn, Row
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web import rendering, widgets
from guanxi.web.cells import Cells
from guanxi.web.listing import ListState, read_state
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.reading import compact, days_since
from guanxi.web.request import Request, wants_json

SIZE = 12


@dataclass(frozen=True)
class Card:
    """One record on the board."""

    row: Row
    fields: tuple[FieldDefinition, ...]
    days: int | None
    stalled: bool


@dataclass(frozen=True)
class Lane:
    """One column with its sums in few characters."""

    column: BoardColumn
    amount: str
    weighted: str
    cards: tuple[Card, ...]


def content(actor: Actor, state: ListState) -> dict[str, Any]:
    """The board of a list."""
    board = read.board(actor, state.kind.key, state.tree, state.scope, size=SIZE)
    return {
        "board": board,
        "lanes": [lane(actor, state.kind, column) for column in board.columns],
        "cells": Cells(actor, board.labels),
        "total": sum(column.count for column in board.columns),
        "can_move": _can_move(actor, state.kind),
    }


def _can_move(actor: Actor, kind: ObjectType) -> bool:
    return (
        kind.board is not None and widgets.may_ask(kind.fields[kind.board.group], actor) and actor.can("edit", kind.key)
    )


def lane(actor: Actor, kind: ObjectType, column: BoardColumn) -> Lane:
    """A column as it is drawn."""
    currency = settings.GUANXI_CURRENCY
    return Lane(
        column=column,
        amount=compact(column.amount, currency, actor) if kind.board and kind.board.amount else "",
        weighted=compact(column.weighted, currency, actor) if kind.board and kind.board.weighted else "",
        cards=tuple(_card(actor, kind, column, row) for row in column.rows),
    )


def _card(actor: Actor, kind: ObjectType, column: BoardColumn, row: Row) -> Card:
    board = kind.board
    assert board is not None
    shown = tuple(kind.fields[key] for key in board.card if row.values.get(key) not in (None, "", ()))
    since = row.values.get(board.age) if board.age else None
    days = days_since(since, actor) if since is not None and board.age not in row.masked else None
    is_open = column.category in ("", "open") and column.value not in ("done", "cancelled", "lost", "won")
    return Card(row, shown, days, days is not None and is_open and days > board.stalled_after)


@require_GET
def column(request: Request, object_key: str) -> HttpResponse:
    """Further cards of one column."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    found = read.board_column(
        actor, kind.key, state.tree, state.scope, request.GET.get("column", ""), request.GET.get("cursor") or None
    )
    labels = _labels(actor, kind, found.rows)
    context = {
        "kind": kind,
        "state": state,
        "lane": lane(actor, kind, found),
        "cells": Cells(actor, labels),
        "can_move": _can_move(actor, kind),
    }
    return rendering.fragment(request, "list/cards.html", context)


def _labels(actor: Actor, kind: ObjectType, rows: tuple[Row, ...]) -> Any:
    return label_rows([kind.fields[key] for key in (kind.board.card if kind.board else ())], rows, actor)


@require_GET
def heads(request: Request, object_key: str) -> HttpResponse:
    """Counts and sums of every column, after a card has moved."""
    kind = readable(request.actor, object_key)
    state = read_state(request, kind)
    board = read.board(request.actor, kind.key, state.tree, state.scope, size=1)
    lanes = [lane(request.actor, kind, column) for column in board.columns]
    return rendering.fragment(request, "list/heads.html", {"kind": kind, "lanes": lanes})


@require_http_methods(["GET", "POST"])
def move(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Move a record to another column or stage; GET asks for the fields that the new one requires."""
    actor = request.actor
    kind = readable(actor, object_key)
    field = _moved_field(kind, request)
    if request.method == "GET":
        return _ask(request, kind, field, record_id, request.GET.getlist("ask"), request.GET.get("value", ""), {}, {})
    value = request.POST.get("value", "")
    asked = [key for key in request.POST.getlist("ask") if key in kind.fields]
    raw = widgets.sent(request.POST, [(key, kind.fields[key].spec) for key in asked])
    try:
        values = parse_values(kind, {**raw, field.key: value})
        with write.change(actor, cause="web") as door:
            door.update(kind.key, record_id, values, version=_version(request))
    except Invalid as error:
        missing = [key for key in error.fields if key != field.key and _can_ask(actor, kind, key)]
        if wants_json(request):
            raise
        if not missing:
            raise
        again = list(dict.fromkeys([*asked, *missing]))
        return _ask(request, kind, field, record_id, again, value, raw, error.fields, status=422)
    shown = _shown(actor, kind, field, record_id)
    message = _("Moved to “%(column)s”.") % {"column": shown}
    if wants_json(request):
        return JsonResponse({"message": message, "undo": door.change_set})
    return rendering.done(message, door.change_set, closeDialog=True, refresh=True)


def _moved_field(kind: ObjectType, request: Request) -> FieldDefinition:
    """The path of the record page or the group of the board."""
    wanted = request.GET.get("field") or request.POST.get("field") or ""
    for key in (kind.declaration.path, kind.board.group if kind.board else ""):
        if key and (not wanted or wanted == key):
            return kind.fields[key]
    raise NotFound(_("There is no such field."))


def _version(request: Request) -> int | None:
    return whole(request.POST.get("version", ""))


def _can_ask(actor: Actor, kind: ObjectType, key: str) -> bool:
    return key in kind.fields and widgets.may_ask(kind.fields[key], actor)


def _shown(actor: Actor, kind: ObjectType, field: FieldDefinition, record_id: int) -> str:
    view = read.get(actor, kind.key, record_id)
    return Cells(actor, view.labels).text(field, view.row)


def _ask(
    request: Request,
    kind: ObjectType,
    field: FieldDefinition,
    record_id: int,
    keys: list[str],
    value: str,
    raw: dict[str, Any],
    errors: dict[str, list[str]],
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    view = read.get(actor, kind.key, record_id)
    fields = [(key, kind.fields[key].spec) for key in keys if _can_ask(actor, kind, key)]
    texts = {key: widgets.form_text(spec, view.row.values.get(key)) for key, spec in fields} | raw
    context = {
        "kind": kind,
        "row": view.row,
        "field": field,
        "value": value,
        "fields": widgets.ask(actor, fields, texts, errors=errors, object_key=kind.key, currency=view.row.currency),
    }
    return rendering.fragment(request, "list/move_dialog.html", context, status)
