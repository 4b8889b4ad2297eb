"""The read door: every list, count, board, calendar and record comes through here, scoped and projected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import RIGHTS, Actor
from guanxi.access.visibility import every, visible
from guanxi.engine import boards
from guanxi.engine.aggregates.totals import totals
from guanxi.engine.choosing import listed
from guanxi.engine.query import Tree
from guanxi.engine.query.compile import words
from guanxi.engine.query.resolve import find_field
from guanxi.engine.rollups import parts_of
from guanxi.engine.rows import columns_of, fetch, label_rows
from guanxi.engine.scoping import in_parts, rows_of
from guanxi.engine.shapes import BoardColumn, BoardView, Choice, Count, Page, RecordView, Row
from guanxi.engine.sorting import beyond, decode, encode, keys_for, ordered
from guanxi.kernel.errors import NotFound
from guanxi.schema.declaration import Related
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

MAX_SIZE = 500
COUNT_BOUND = 10_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list asks for. ``sort`` such as ``-amount,name``; ``size`` at most 500; ``deleted`` shows the recycle bin."""

    query: Tree | None = None
    sort: str = ""
    columns: tuple[str, ...] = ()
    size: int = 50
    cursor: str | None = None
    count: bool = True
    deleted: bool = False


def page(actor: Actor, object_key: str, listing: Listing) -> Page:
    """One page of a list, with the cursors of its neighbours and, if asked for, a count that stops at 10,000."""
    kind = snapshot().get(object_key)
    rows = rows_of(actor, kind, listing.query, deleted=listing.deleted)
    count = counted(actor, kind, listing.query, deleted=listing.deleted) if listing.count else None
    return page_of(actor, kind, rows, listing, count)


def page_of(actor: Actor, kind: ObjectType, rows: QuerySet[Any], listing: Listing, count: Count | None) -> Page:
    """One page of rows that are already scoped."""
    fields = columns_of(kind, listing.columns, actor)
    keys = keys_for(listing.sort or kind.declaration.default_sort, kind, actor)
    size = max(1, min(listing.size, MAX_SIZE))
    backwards = False
    window = rows
    if listing.cursor:
        backwards, pk, values = decode(listing.cursor, keys)
        window = ordered(window, keys).filter(beyond(keys, values, pk, backwards=backwards))
    window = ordered(window, keys, backwards=backwards)[: size + 1]
    found, marks = fetch(window, kind, fields, actor, keys=keys)
    more = len(found) > size
    found, marks = found[:size], marks[:size]
    if backwards:
        found.reverse()
        marks.reverse()
    onward, back = (True, more) if backwards else (more, bool(listing.cursor))
    return Page(
        kind=kind,
        columns=fields,
        rows=tuple(found),
        labels=label_rows(fields, found, actor),
        next=encode(marks[-1], keys, found[-1].id) if onward and found else None,
        previous=encode(marks[0], keys, found[0].id, backwards=True) if back and found else None,
        count=count,
    )


def counted(actor: Actor, kind: ObjectType, query: Tree | None, *, deleted: bool = False) -> Count:
    """How many records the actor may see meet the condition, counted up to 10,000; part by part where that is possible,
    because a count of everything at once would have to look at every record."""
    number = 0
    for rows in in_parts(actor, kind, query, deleted=deleted):
        found = bounded(rows)
        number += found.number
        if found.more or number > COUNT_BOUND:
            return Count(COUNT_BOUND, True)
    return Count(number)


def bounded(rows: QuerySet[Any]) -> Count:
    """How many rows, counted up to 10,000."""
    number = rows.order_by()[: COUNT_BOUND + 1].count()
    return Count(min(number, COUNT_BOUND), number > COUNT_BOUND)


def count(actor: Actor, object_key: str, query: Tree | None = None) -> Count:
    """How many records meet the condition, counted up to 10,000."""
    return counted(actor, snapshot().get(object_key), query)


def sums(actor: Actor, object_key: str, query: Tree | None, fields: Sequence[str]) -> dict[str, int]:
    """Totals of number fields over every record that meets the condition; money in the company's currency."""
    kind = snapshot().get(object_key)
    keys = [find_field(key, kind, actor).key for key in fields]
    groups, _kept = totals(actor, kind, query, (), keys)
    return dict(zip(keys, groups.whole().sums, strict=True))


def get(actor: Actor, object_key: str, record_id: int, *, deleted: bool = False) -> RecordView:
    """One record with every field the actor may see; :class:`NotFound` when there is none for this actor."""
    kind = snapshot().get(object_key)
    fields = tuple(actor.visible_fields(kind))
    rows = every(actor, kind, narrow=True).filter(pk=record_id, deleted_at__isnull=not deleted)
    found, _marks = fetch(rows, kind, fields, actor, on_record=True)
    if not found:
        raise missing(kind)
    row = found[0]
    return RecordView(kind, row, fields, label_rows(fields, [row], actor), rights_on(actor, kind, row))


def rights_on(actor: Actor, kind: ObjectType, row: Row) -> frozenset[str]:
    """The operations the actor may do on a record just read."""
    held = {right for right in RIGHTS if actor.can(right, kind.key)}
    if not row.editable:
        held -= {"edit", "delete", "assign", "merge", "change_state", "share", "restore"}
    return frozenset(held)


def instance(actor: Actor, kind: ObjectType, record_id: int) -> Any:
    """The model instance of a live record the actor may see; for rules and actions, not for showing."""
    record = visible(actor, kind, narrow=True).filter(pk=record_id).first()
    if record is None:
        raise missing(kind)
    return record


def missing(kind: ObjectType) -> NotFound:
    """The same words whether the record does not exist or is closed to the actor."""
    return NotFound(
        _("This %(object)s does not exist, or you may not see it. Ask its owner or an administrator.")
        % {"object": kind.label}
    )


def related(actor: Actor, object_key: str, record_id: int, relation: Related, *, size: int = 5) -> Page:
    """The first rows of a related list of a record."""
    kind = snapshot().get(relation.source)
    via = kind.fields[relation.via]
    value: object = f"{object_key}:{record_id}" if via.kind.family == "reference" else record_id
    if actor.field_level(kind.key, via.key) in ("hidden", "masked") or not actor.can("read", kind.key):
        return Page(kind, (), (), {}, count=Count(0))
    if not visible(actor, snapshot().get(object_key), narrow=True).filter(pk=record_id).exists():
        raise missing(snapshot().get(object_key))
    rows = parts_of(actor, kind, via.key).filter(**{via.attribute: value})
    columns = relation.columns or tuple(key for key in kind.declaration.list_columns if key != relation.via)
    return page_of(actor, kind, rows, Listing(columns=columns, size=size), bounded(rows))


def board(actor: Actor, object_key: str, query: Tree | None, scope: int | None = None, size: int = 20) -> BoardView:
    """The board of an object: its columns with counts, sums and first cards."""
    kind = snapshot().get(object_key)
    return boards.view(actor, kind, rows_of(actor, kind, query), query, scope, size)


def board_column(
    actor: Actor, object_key: str, query: Tree | None, scope: int | None, value: str, cursor: str | None, size: int = 20
) -> BoardColumn:
    """One column of a board, from a cursor on."""
    kind = snapshot().get(object_key)
    return boards.column(actor, kind, rows_of(actor, kind, query), query, scope, value, cursor, size)


def choices(
    actor: Actor, field: FieldDefinition, text: str, values: Mapping[str, Any] | None = None, limit: int = 10
) -> tuple[Choice, ...]:
    """The records a lookup field can point to whose search key holds every word of ``text``.

    ``values`` are those of the record being edited: a lookup that ``depends`` on another offers only what agrees with it.
    """
    target = snapshot().get(field.spec.target)
    rows = visible(actor, target).filter(words(text, target, actor))
    depends = field.spec.depends
    if depends and values and values.get(depends):
        rows = rows.filter(**{target.fields[depends].attribute: values[depends]})
    if target.key == "user":
        rows = rows.filter(is_active=True)
    sort = "position" if "position" in target.fields else target.declaration.default_sort
    return listed(actor, target, ordered(rows, keys_for(sort, target, actor))[:limit])


def own_values(kind: ObjectType, row: Row) -> dict[str, Any]:
    """The values of a row that may be sent back through the write door."""
    return {key: value for key, value in row.values.items() if kind.fields[key].writable and key not in row.masked}
