"""The recycle bin: deleting and restoring records together with those that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F

from guanxi.access import kept
from guanxi.engine.aggregates.keeping import binned
from guanxi.engine.write import loading
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door

CHUNK = 2000
DELETED_AT = "deleted_at"
"""Says in the entry since when the record was in the recycle bin, before and after."""


def delete(door: Door, kind: ObjectType, ids: Sequence[int], moment: datetime | None = None) -> int:
    """Mark the records as deleted at the moment of the change set, or a given one; their parts follow."""
    ids = list(dict.fromkeys(ids))
    for start in range(0, len(ids), CHUNK):
        drafts = loading.drafts(door.actor, kind, ids[start : start + CHUNK], "deleted", {}, {})
        found = [draft.record.pk for draft in drafts]
        _mark(door, kind, found, drafts, moment or door.now)
        for part, via in parts_of(kind):
            rows = part.model._default_manager.filter(**{f"{via.attribute}__in": found}, deleted_at=None)
            if below := list(rows.values_list("pk", flat=True)):
                delete(door.as_program(), part, below, moment)
    return len(ids)


def restore(door: Door, kind: ObjectType, ids: Sequence[int]) -> int:
    """Take the records out of the bin; the parts deleted in the same moment come along."""
    ids = list(dict.fromkeys(ids))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        drafts = loading.drafts(door.actor, kind, chunk, "restored", {}, {}, deleted=True)
        moments = {draft.record.pk: draft.record.deleted_at for draft in drafts}
        for part, via in parts_of(kind):
            rows = part.model._default_manager.filter(**{f"{via.attribute}__in": chunk}, deleted_at__isnull=False)
            found = rows.values_list("pk", via.attribute, "deleted_at")
            if below := [pk for pk, parent, moment in found if moments[parent] == moment]:
                restore(door.as_program(), part, below)
        _mark(door, kind, list(moments), drafts, None)
    return len(ids)


def parts_of(kind: ObjectType) -> list[tuple[ObjectType, FieldDefinition]]:
    """The objects whose records belong to a record of this object, with the lookup that says so."""
    return [
        (part, field)
        for part in snapshot()
        for field in part.fields.values()
        if field.kind.family == "lookup" and field.spec.target == kind.key and field.spec.extra.get("cascade")
    ]


def _mark(door: Door, kind: ObjectType, ids: list[int], drafts: Sequence[Draft], moment: datetime | None) -> None:
    kind.model._default_manager.filter(pk__in=ids).update(
        deleted_at=moment, version=F("version") + 1, updated_at=door.now, updated_by_id=door.user_id
    )
    kept.changed(kind)
    binned(kind, drafts, -1 if moment else 1)
    said = moment.isoformat() if moment else None
    was = {draft.record.pk: draft.record.deleted_at for draft in drafts}
    gone = {pk: [since.isoformat() if (since := was[pk]) else None, said] for pk in ids}
    door.recorder.record(kind.key, drafts[0].verb, [(pk, {DELETED_AT: gone[pk]}, None) for pk in ids])
    kind.declaration.rules().after(drafts, door)
