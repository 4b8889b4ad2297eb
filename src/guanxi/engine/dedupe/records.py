"""Reading just the values that duplicates are told by, of many records, past the person's own rights: for scans and checks,
whose findings are shown through :mod:`guanxi.engine.dedupe.shown` alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from guanxi.engine.matching.keys import Read, read_fields
from guanxi.schema.definition import FieldDefinition, ObjectType

CHUNK = 2000


def fields_of(kind: ObjectType) -> list[FieldDefinition]:
    """The stored fields that rules and comparisons look at."""
    declared = kind.declaration.duplicates
    if declared is None:
        return []
    keys = read_fields(kind) | {key for one in declared.compared for key in one.fields}
    return [field for key in sorted(keys) if (field := kind.fields[key]) and not field.virtual]


def values_by_id(kind: ObjectType, ids: Iterable[int]) -> dict[int, Read]:
    """The values of some records, those in the recycle bin included."""
    wanted = list(ids)
    found: dict[int, Read] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = kind.model._default_manager.filter(pk__in=wanted[start : start + CHUNK])
        found |= dict(_read(kind, rows))
    return found


def live_from(kind: ObjectType, after: int, size: int = CHUNK) -> list[tuple[int, Read]]:
    """The next live records by id."""
    rows = kind.model._default_manager.filter(pk__gt=after, deleted_at=None).order_by("pk")[:size]
    return list(_read(kind, rows))


def every_from(kind: ObjectType, after: int, size: int = CHUNK) -> list[tuple[int, Read]]:
    """The next records by id, those in the recycle bin included."""
    return list(_read(kind, kind.model._default_manager.filter(pk__gt=after).order_by("pk")[:size]))


def _read(kind: ObjectType, rows: QuerySet[Any]) -> Iterator[tuple[int, Read]]:
    fields = fields_of(kind)
    named = {f"_f{index}": field.expression() for index, field in enumerate(fields)}
    for pk, *stored in rows.annotate(**named).values_list("pk", *named):
        values = {field.key: field.from_row(one) for field, one in zip(fields, stored, strict=True)}
        yield pk, values.get
