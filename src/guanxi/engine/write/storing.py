"""Putting checked drafts into the database, set-based."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import F

from guanxi.engine.search import key_of
from guanxi.kernel import bulk
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door


def store(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """Insert or update the records of the drafts; all of them are of one verb."""
    searched = set(kind.declaration.search)
    for draft in drafts:
        if draft.created or any(draft.changed(key) for key in searched):
            draft.record.search_key = key_of(kind, draft.record)
    if drafts[0].created:
        _insert(kind, drafts, door)
    else:
        _update(kind, drafts, door)


def _insert(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    for draft in drafts:
        record = draft.record
        record.created_at = record.created_at or door.now
        record.updated_at = record.updated_at or record.created_at
        if draft.get("created_by") is None:
            record.created_by_id = door.user_id
        if draft.get("updated_by") is None:
            record.updated_by_id = record.created_by_id
    bulk.insert([draft.record for draft in drafts])


def _update(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """One UPDATE per set of equal new values where that is few, a row-wise one otherwise."""
    groups: dict[tuple[tuple[str, Any], ...], list[Draft]] = {}
    for draft in drafts:
        columns = _columns(kind, draft)
        groups.setdefault(tuple(sorted(columns.items(), key=lambda item: item[0])), []).append(draft)
        draft.record.version += 1
        draft.record.updated_at = door.now
        draft.record.updated_by_id = door.user_id
    manager = kind.model._default_manager
    stamp = {"version": F("version") + 1, "updated_at": door.now, "updated_by_id": door.user_id}
    if len(groups) <= max(1, len(drafts) // 20):
        for values, group in groups.items():
            ids = [draft.record.pk for draft in group]
            manager.filter(pk__in=ids).update(**dict(values), **stamp)
        return
    names = {name.removesuffix("_id") for values in groups for name, _value in values}
    for draft in drafts:
        if any(kind.fields[key].custom for key in draft.values):
            names.add("extra")
    attributes = {"version", "updated_at", "updated_by", *names}
    fields = [f for f in kind.model._meta.concrete_fields if f.name in attributes or f.attname in attributes]
    bulk.update([draft.record for draft in drafts], fields)


def _columns(kind: ObjectType, draft: Draft) -> dict[str, Any]:
    """The columns a draft changes, as storable values."""
    columns: dict[str, Any] = {}
    for key in draft.values:
        field = kind.fields[key]
        if not draft.changed(key) or field.virtual:
            continue
        if field.custom:
            columns["extra"] = _Json(draft.record.extra)
        else:
            columns[field.attribute] = getattr(draft.record, field.attribute)
    if any(draft.changed(key) for key in kind.declaration.search):
        columns["search_key"] = draft.record.search_key
    return columns


class _Json(dict[str, Any]):
    """A JSON value that can be compared as part of a group's key."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict says None: nobody changes this one any more
        return hash(tuple(sorted((key, str(value)) for key, value in self.items())))
