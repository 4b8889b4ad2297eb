"""Rows sent in one call: created, updated or upserted, each with an outcome of its own, or all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.bulk.keyed import KeyField, key_field
from guanxi.engine.bulk.refusing import closed
from guanxi.engine.bulk.sieve import sift
from guanxi.engine.holders import holders
from guanxi.engine.parse import parse_values, refusal
from guanxi.kernel import db
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid, NotFound
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

OPERATIONS = ("create", "update", "upsert")
MOST = 1000


@dataclass(slots=True)
class Item:
    """One row of a call, and what came of it."""

    index: int
    values: Mapping[str, Any]
    """In the form of the API."""
    id: int | None = None
    version: int | None = None
    parsed: dict[str, Any] = field(default_factory=dict)
    """As Python values; parsed from the others unless given."""
    status: int = 0
    """As of HTTP: 201 created, 200 updated, otherwise that of the error."""
    error: GuanxiError | None = None

    def refuse(self, error: GuanxiError) -> None:
        """Leave the row out."""
        self.error, self.status = error, error.status

    def done(self, record: Any, status: int) -> None:
        """The row was written."""
        self.id, self.version, self.status = record.pk, record.version, status


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call; without a change set nothing was written."""

    items: Sequence[Item]
    change_set: int | None


class _Refused(Exception):
    """Rolls everything back."""


def run(
    actor: Actor,
    object_key: str,
    operation: str,
    items: Sequence[Item],
    *,
    by: str = "",
    atomic: bool = False,
    request: str = "",
) -> Outcome:
    """Write the rows; every row says what came of it. With ``atomic`` all are written, or none because of those refused.

    ``by`` names the field by which an upsert finds the record. Raises what stands against the whole.
    """
    kind = snapshot().get(object_key)
    if not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": object_key[:63]})
    if operation not in OPERATIONS:
        raise Invalid(_("“operation” is one of %(names)s.") % {"names": ", ".join(OPERATIONS)})
    for right in {"create": ("create",), "update": ("edit",), "upsert": ("create", "edit")}[operation]:
        write.require(actor, right, kind)
    key = key_field(actor, kind, by, write=True) if operation == "upsert" else None
    for item in items:
        if item.error is None and not item.parsed:
            _parse(kind, item)
    try:
        with write.change(actor, "api", request=request) as door:
            _write(door, kind, operation, [item for item in items if item.error is None], key)
            if (atomic and any(item.error for item in items)) or all(item.error for item in items):
                raise _Refused
    except _Refused:
        return Outcome(items, None)
    return Outcome(items, door.change_set)


def _parse(kind: ObjectType, item: Item) -> None:
    try:
        item.parsed = parse_values(kind, item.values)
    except GuanxiError as error:
        item.refuse(error)


def _write(door: write.Door, kind: ObjectType, operation: str, items: list[Item], key: KeyField | None) -> None:
    if operation == "create":
        _create(door, kind, items)
    elif key is None:
        _update(door, kind, items)
    else:
        found = _located(door, kind, items, key)
        _update(door, kind, [item for item in found if item.id is not None])
        _create(door, kind, [item for item in found if item.id is None])


def _create(door: write.Door, kind: ObjectType, items: list[Item]) -> None:
    def attempt(part: list[Item]) -> None:
        made = door.create_many(kind.key, [item.parsed for item in part])
        for item, record in zip(part, made, strict=True):
            item.done(record, 201)

    sift(items, attempt, Item.refuse)


def _update(door: write.Door, kind: ObjectType, items: list[Item]) -> None:
    named = _once_each(items)
    shut = closed(door.actor, kind, [item.id for item in named if item.id is not None])
    for item in named:
        if item.id in shut:
            item.refuse(shut[item.id])
    able = [item for item in named if item.error is None]

    def attempt(part: list[Item]) -> None:
        changes = {item.id: item.parsed for item in part if item.id is not None}
        versions = {item.id: item.version for item in part if item.id is not None and item.version is not None}
        changed = door.update_each(kind.key, changes, versions=versions)
        for item, record in zip(part, changed, strict=True):
            item.done(record, 200)

    sift(able, attempt, Item.refuse)


def _once_each(items: Sequence[Item]) -> list[Item]:
    """The rows that name a record which no row before them names."""
    seen: set[int] = set()
    kept = []
    for item in items:
        if item.id is None:
            item.refuse(refusal({"id": [_("Say which record: its id.")]}))
        elif item.id in seen:
            item.refuse(refusal({"id": [_("Another row of this call is about the same record.")]}))
        else:
            seen.add(item.id)
            kept.append(item)
    return kept


def _located(door: write.Door, kind: ObjectType, items: Sequence[Item], key: KeyField) -> list[Item]:
    """The rows with the id of the record they mean, where there is one; those that cannot be told apart are refused."""
    # Two calls that bring the same new record at the same moment wait here for each other instead of both making one.
    db.lock(f"upsert:{kind.key}:{key.field.key}")
    values = [item.parsed.get(key.field.key) for item in items]
    found = holders(door.actor, kind, key.field, [value for value in values if value is not None])
    seen: set[Any] = set()
    kept = []
    for item, value in zip(items, values, strict=True):
        if value is None:
            item.refuse(refusal({key.field.key: [_("Fill in the field by which the record is found.")]}))
        elif value in seen:
            item.refuse(refusal({key.field.key: [_("Another row of this call has the same value.")]}))
        elif len(found.get(value, ())) > 1:
            item.refuse(Conflict(_("Several records have this value. Update the one you mean by its id.")))
        else:
            seen.add(value)
            item.id = next(iter(found.get(value, ())), None)
            kept.append(item)
    return kept
