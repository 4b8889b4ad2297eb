"""The records that hold given values in a field: by the index of the field first, by rights afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import CharField, F, TextField

from guanxi.access.actor import Actor
from guanxi.access.visibility import named
from guanxi.kernel.sql import Filled
from guanxi.schema.definition import FieldDefinition, ObjectType

CHUNK = 2000


def holders(actor: Actor, kind: ObjectType, field: FieldDefinition, values: Collection[Any]) -> dict[Any, list[int]]:
    """The ids of the live records with each value that the actor may see, in order; at most two queries per 2,000 values.

    Asked in one, SQLite would rather read all records of the people the actor reaches than look two thousand values up.
    """
    wanted = list(dict.fromkeys(values))
    found: dict[Any, list[int]] = {}
    for start in range(0, len(wanted), CHUNK):
        held = _held(kind, field, wanted[start : start + CHUNK])
        # Most rows of a file are new, and then nobody's rights need to be asked.
        for pk in seen(actor, kind, held):
            found.setdefault(held[pk], []).append(pk)
    return found


def seen(actor: Actor, kind: ObjectType, ids: Collection[int]) -> Sequence[int]:
    """Those of the records that are alive and that the actor may see, in order."""
    return [pk for (pk,) in named(actor, kind, ids, live=True)]


def _held(kind: ObjectType, field: FieldDefinition, values: Sequence[Any]) -> dict[int, Any]:
    """Which live records hold one of the values, whoever may see them."""
    stored = [field.kind.json_storage(value) if field.custom else field.kind.storage(value) for value in values]
    rows = kind.model._default_manager.filter(deleted_at=None).annotate(_key=field.expression()).filter(_key__in=stored)
    if not field.custom and isinstance(kind.model._meta.get_field(field.attribute), CharField | TextField):
        # Indexes over texts leave the empty ones out, which SQLite must be told.
        rows = rows.filter(Filled(F(field.attribute)))
    return {pk: field.from_row(value) for pk, value in rows.values_list("pk", "_key")}
