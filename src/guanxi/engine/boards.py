"""Boards: columns by a single-choice field, counted and summed in one query, cards loaded per column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.aggregates.totals import totals
from guanxi.engine.groups import EMPTY, Totals
from guanxi.engine.labels import title_fields
from guanxi.engine.query import Condition, Tree, both
from guanxi.engine.query.resolve import find_field
from guanxi.engine.rows import columns_of, fetch, label_rows
from guanxi.engine.shapes import BoardColumn, BoardView, Labels, Row
from guanxi.engine.sorting import beyond, decode, encode, keys_for, ordered
from guanxi.kernel.errors import QueryError
from guanxi.schema.aggregates import Part
from guanxi.schema.declaration import Board
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column stands for."""

    value: Any
    label: str
    color: str = ""
    category: str = ""


def view(
    actor: Actor, kind: ObjectType, rows: QuerySet[Any], query: Tree | None, scope: int | None, size: int
) -> BoardView:
    """The whole board over scoped rows, which are those of the query.

    The first scope is taken when none is given or it does not exist.
    """
    board, group = _board(kind, actor)
    scopes = _scopes(actor, kind, board)
    chosen = next((pk for pk, _label in scopes if pk == scope), scopes[0][0] if scopes else None)
    rows = _within(rows, kind, board, chosen)
    inside = _inside(actor, kind, query, chosen)
    found, _kept = totals(actor, kind, inside, (Part(group.key),), _measures(actor, kind, board))
    sums = dict(found.items())
    columns: list[BoardColumn] = []
    cards: list[Row] = []
    for heading in headings(actor, kind, board, group, chosen):
        part = sums.get((str(_stored(group, heading.value)),), EMPTY)
        column = _column(actor, kind, board, rows, group, heading, part, None, size)
        columns.append(column)
        cards.extend(column.rows)
    return BoardView(kind, tuple(columns), _labels(actor, kind, board, cards), scopes, chosen)


def column(
    actor: Actor,
    kind: ObjectType,
    rows: QuerySet[Any],
    query: Tree | None,
    scope: int | None,
    value: str,
    cursor: str | None,
    size: int,
) -> BoardColumn:
    """One column from a cursor on; :class:`QueryError` when the board has no such column."""
    board, group = _board(kind, actor)
    rows = _within(rows, kind, board, scope)
    for heading in headings(actor, kind, board, group, scope):
        if str(heading.value) == value:
            inside = both(_inside(actor, kind, query, scope), Condition(group.key, "eq", heading.value))
            found, _kept = totals(actor, kind, inside, (), _measures(actor, kind, board))
            return _column(actor, kind, board, rows, group, heading, found.whole(), cursor, size)
    raise QueryError(_("This board has no such column. Reload the page."))


def headings(actor: Actor, kind: ObjectType, board: Board, group: FieldDefinition, scope: int | None) -> list[Heading]:
    """The columns of a board in their order."""
    if group.kind.family != "lookup":
        return [Heading(o.key, str(o.label), o.color) for o in group.spec.options if not o.retired]
    target = snapshot().get(group.spec.target)
    found = visible(actor, target)
    if board.scope and scope is not None:
        found = found.filter(**{target.fields[board.scope].attribute: scope})
    order = "position" if "position" in target.fields else target.title.key
    titles = title_fields(target)
    result = []
    for record in found.order_by(order, "pk"):
        label = next((text for field in titles if (text := field.read(record))), str(record.pk))
        color, category = (
            target.fields[key].read(record) if key in target.fields else "" for key in ("color", "category")
        )
        result.append(Heading(record.pk, str(label), color or "", category or ""))
    return result


def card_fields(actor: Actor, kind: ObjectType, board: Board) -> tuple[FieldDefinition, ...]:
    """The fields of a card."""
    keys = [*board.card, *filter(None, (board.amount, board.age, board.group))]
    return columns_of(kind, keys, actor)


def _board(kind: ObjectType, actor: Actor) -> tuple[Board, FieldDefinition]:
    if kind.board is None:
        raise QueryError(_("%(object)s has no board.") % {"object": kind.plural})
    return kind.board, find_field(kind.board.group, kind, actor)


def _scopes(actor: Actor, kind: ObjectType, board: Board) -> tuple[tuple[int, str], ...]:
    if not board.scope:
        return ()
    target = snapshot().get(kind.fields[board.scope].spec.target)
    titles = title_fields(target)
    order = "position" if "position" in target.fields else "pk"
    found = visible(actor, target).order_by(order, "pk")
    return tuple(
        (record.pk, str(next((text for field in titles if (text := field.read(record))), record.pk)))
        for record in found
    )


def _within(rows: QuerySet[Any], kind: ObjectType, board: Board, scope: int | None) -> QuerySet[Any]:
    if not board.scope or scope is None:
        return rows
    return rows.filter(**{kind.fields[board.scope].attribute: scope})


def _inside(actor: Actor, kind: ObjectType, query: Tree | None, scope: int | None) -> Tree | None:
    """The query within the scope chosen. A column belongs to one scope, so who may not compare the scope needs no more."""
    chosen = kind.board.scope if kind.board and scope is not None else ""
    if not chosen or actor.field_level(kind.key, chosen) in ("hidden", "masked"):
        return query
    return both(query, Condition(chosen, "eq", scope))


def _measures(actor: Actor, kind: ObjectType, board: Board) -> list[str]:
    wanted = [key for key in (board.amount, board.weighted) if key]
    return [key for key in wanted if actor.field_level(kind.key, key) in ("read", "write")]


def _stored(group: FieldDefinition, value: Any) -> Any:
    return value if group.kind.family == "lookup" else group.kind.storage(value)


def _column(
    actor: Actor,
    kind: ObjectType,
    board: Board,
    rows: QuerySet[Any],
    group: FieldDefinition,
    heading: Heading,
    whole: Totals,
    cursor: str | None,
    size: int,
) -> BoardColumn:
    found: list[Row] = []
    following = None
    sums: dict[str, int] = {}
    if whole.number:
        sums = dict(zip(_measures(actor, kind, board), whole.sums, strict=True))
        keys = keys_for(kind.declaration.default_sort, kind, actor)
        mine = ordered(rows.filter(**{group.attribute: _stored(group, heading.value)}), keys)
        if cursor:
            backwards, pk, values = decode(cursor, keys)
            mine = mine.filter(beyond(keys, values, pk, backwards=backwards))
        found, marks = fetch(mine[: size + 1], kind, card_fields(actor, kind, board), actor, keys=keys)
        if len(found) > size:
            found = found[:size]
            following = encode(marks[size - 1], keys, found[-1].id)
    return BoardColumn(
        value=str(heading.value),
        label=heading.label,
        color=heading.color,
        category=heading.category,
        count=whole.number,
        amount=sums.get(board.amount) if whole.number else 0,
        weighted=sums.get(board.weighted) if board.weighted else None,
        rows=tuple(found),
        next=following,
    )


def _labels(actor: Actor, kind: ObjectType, board: Board, rows: Sequence[Row]) -> Labels:
    return label_rows(card_fields(actor, kind, board), rows, actor)
