"""References between rows of one file: filled in when all of them exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.importing.mapping import ImportMapping
from guanxi.engine.importing.resolving import Resolver
from guanxi.engine.importing.tables import Import, ImportDeferral, ImportRejection
from guanxi.engine.importing.values import Unread
from guanxi.engine.write import Door
from guanxi.kernel import db
from guanxi.kernel.errors import GuanxiError
from guanxi.schema.definition import ObjectType

CHUNK = 2_000
Write = Callable[[Actor, Door], None]


def fill_in(
    found: Import,
    kind: ObjectType,
    mapping: ImportMapping,
    after: int,
    between: Callable[[], None],
    transact: Callable[[list[ImportDeferral], Write], None],
) -> None:
    """Resolve what waits behind the deferral ``after``; each chunk is given to ``transact`` as what to write."""
    while True:
        rows = list(ImportDeferral.objects.filter(of=found, pk__gt=after).order_by("pk")[:CHUNK])
        if not rows:
            return
        between()
        transact(rows, _writing(found, kind, mapping, rows))
        after = rows[-1].pk


def _writing(found: Import, kind: ObjectType, mapping: ImportMapping, rows: list[ImportDeferral]) -> Write:
    def write(actor: Actor, door: Door) -> None:
        changes: dict[int, dict[str, Any]] = {}
        places = {row.record: row for row in rows}
        for key in {key for row in rows for key in row.references}:
            plan = mapping.of_field(key)
            if plan is None:
                continue
            resolver = Resolver(plan, kind.fields[key])
            resolver.learn(actor, [row.references[key] for row in rows if key in row.references], None)
            for row in rows:
                if key not in row.references:
                    continue
                value = resolver.value(row.references[key], None)
                if isinstance(value, Unread):
                    _note(found, row, key, plan.column, value.message)
                elif value != row.record:
                    changes.setdefault(row.record, {})[key] = value
        for record, words in _through(door, kind, changes).items():
            _note(found, places[record], next(iter(places[record].references)), -1, words)

    return write


def _through(door: Door, kind: ObjectType, changes: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Write the changes; those the door refuses, with its words."""
    if not changes:
        return {}
    try:
        with db.atomic():
            door.update_each(kind.key, changes)
    except GuanxiError as error:
        if len(changes) == 1:
            return {next(iter(changes)): str(error)}
        items = list(changes.items())
        middle = len(items) // 2
        return {**_through(door, kind, dict(items[:middle])), **_through(door, kind, dict(items[middle:]))}
    return {}


def _note(found: Import, row: ImportDeferral, key: str, column: int, words: str) -> None:
    """The record is there without the reference; the report says so."""
    reason = {"code": "left_empty", "column": column, "field": key, "message": words}
    ImportRejection.objects.create(of=found, row=row.row, cells=[], reasons=[reason])
