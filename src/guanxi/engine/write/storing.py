"""Putting checked drafts into the database, set-based."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F

from guanxi.engine.search import keys_of
from guanxi.kernel import bulk
from guanxi.kernel.sql import IdIn
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft, written

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door


def store(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """Insert or update the records of the drafts; all of them are of one verb."""
    searched = set(kind.declaration.search)
    touched = [draft.record for draft in drafts if draft.created or any(draft.changed(key) for key in searched)]
    for record, key in zip(touched, keys_of(kind, touched), strict=True):
        record.search_key = key
    if drafts[0].created:
        _insert(kind, drafts, door)
    else:
        _update(kind, drafts, door)


def _insert(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    now, person = door.now, door.user_id
    for draft in drafts:
        record = draft.record
        record.created_at = record.created_at or now
        record.updated_at = record.updated_at or record.created_at
        if record.created_by_id is None:
            record.created_by_id = person
        if record.updated_by_id is None:
            record.updated_by_id = record.created_by_id
    bulk.insert([draft.record for draft in drafts])


def _update(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """One UPDATE for all where they are given the same values, a row-wise one otherwise."""
    stamp = {"updated_at": door.now, "updated_by_id": door.user_id}
    for draft in drafts:
        draft.record.version += 1
        draft.record.updated_at = door.now
        draft.record.updated_by_id = door.user_id
    names = _changed_columns(kind, drafts)
    held = [draft.record.__dict__ for draft in drafts]
    first = {name: held[0][name] for name in names}
    if all(values[name] == value for name, value in first.items() for values in held):
        rows = kind.model._default_manager.filter(IdIn(F("pk"), (draft.record.pk for draft in drafts)))
        rows.update(**first, **stamp, version=F("version") + 1)
        return
    fields = [field for field in kind.model._meta.concrete_fields if field.attname in names]
    bulk.update([draft.record for draft in drafts], fields, {**stamp, "version": ...})


def _changed_columns(kind: ObjectType, drafts: Sequence[Draft]) -> set[str]:
    """The attributes that any of the drafts changes."""
    names: set[str] = set()
    for key in written(drafts):
        field = kind.fields[key]
        name = "extra" if field.custom else field.attribute
        if not field.virtual and name not in names and any(draft.changed(key) for draft in drafts):
            names.add(name)
    if any(draft.changed(key) for key in kind.declaration.search for draft in drafts):
        names.add("search_key")
    return names
