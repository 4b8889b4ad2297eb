"""Finding the records that rows are about, and what they hold now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.holders import holders, seen
from guanxi.engine.importing.fields import ID
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link


def find(actor: Actor, kind: ObjectType, key: str, values: Iterable[Any]) -> dict[Any, list[int]]:
    """The live records that the actor may see with these values of a field, by value."""
    if key == ID:
        return {pk: [pk] for pk in seen(actor, kind, set(values))}
    return holders(actor, kind, kind.fields[key], set(values))


def writable(actor: Actor, kind: ObjectType, ids: Sequence[int]) -> set[int]:
    """Those of the records that the actor may change."""
    return set(among(actor, kind, ids, "write").filter(deleted_at=None).values_list("pk", flat=True)) if ids else set()


def held(kind: ObjectType, ids: Sequence[int], keys: Iterable[str]) -> dict[int, dict[str, Any]]:
    """The values the records have now, of the fields named."""
    fields = [kind.fields[key] for key in keys if key in kind.fields]
    if not ids:
        return {}
    now: dict[int, dict[str, Any]] = {}
    for found in kind.model._default_manager.filter(pk__in=ids):
        now[found.pk] = {field.key: field.read(found) for field in fields}
    linked = [field.key for field in fields if field.kind.family == "links"]
    if linked:
        rows = Link.objects.filter(object=kind.key, record__in=ids, field__in=linked).order_by("target")
        for record, key, target in rows.values_list("record", "field", "target"):
            now[record][key] = (*(now[record][key] or ()), target)
    return now
