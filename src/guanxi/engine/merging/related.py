"""What points to a record: lookups, references and links of every object; counting it, and turning it to another record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.write import Door
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot

Values = dict[str, Any]


@dataclass(frozen=True)
class Pointing:
    """The fields of one object that can point to a record of the merged object."""

    kind: ObjectType
    columns: tuple[FieldDefinition, ...]
    """Lookups and references, each with a column of its own."""
    links: tuple[FieldDefinition, ...]


def pointing(kind: ObjectType) -> Iterator[Pointing]:
    """Every object that can point to a record of this one. Logs stay with the record whose history they are."""
    for other in snapshot():
        if other.declaration.kind == "log":
            continue
        fields = other.fields.values()
        columns = tuple(f for f in fields if _points(f, kind) and not f.virtual and not f.custom)
        links = tuple(f for f in fields if f.kind.family == "links" and f.spec.target == kind.key)
        if columns or links:
            yield Pointing(other, columns, links)


def _points(field: FieldDefinition, kind: ObjectType) -> bool:
    if field.kind.family == "reference":
        return kind.declaration.timeline
    return field.kind.family == "lookup" and field.spec.target == kind.key


def counted(actor: Actor, kind: ObjectType, ids: Sequence[int]) -> list[tuple[ObjectType, int]]:
    """How many live records of each object point to the given ones, as far as the actor may see them."""
    found = []
    for one in pointing(kind):
        if not actor.can("read", one.kind.key):
            continue
        rows = visible(actor, one.kind, narrow=True).filter(_condition(one, kind, ids))
        if one.kind.key == kind.key:
            rows = rows.exclude(pk__in=ids)
        if number := rows.count():
            found.append((one.kind, number))
    return found


def move(door: Door, kind: ObjectType, survivor: int, losers: Sequence[int]) -> None:
    """Turn everything live that points to the losers to the survivor.

    A relation that the survivor has already stays with the loser and goes with it to the recycle bin; what it says and the
    survivor's leaves open is filled in there. The door must be that of the program: people need not see what follows.
    """
    for one in pointing(kind):
        rows = one.kind.model._default_manager.filter(_condition(one, kind, losers), deleted_at=None)
        if one.kind.key == kind.key:
            rows = rows.exclude(pk__in=[survivor, *losers])
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if ids:
            _turn(door, one, kind, survivor, losers, ids)


def _condition(one: Pointing, kind: ObjectType, ids: Sequence[int]) -> Q:
    condition = Q(pk__in=())
    for field in one.columns:
        condition |= Q(**{f"{field.attribute}__in": _values(field, kind, ids)})
    for field in one.links:
        linked = Link.objects.filter(object=one.kind.key, field=field.key, target__in=ids)
        condition |= Q(pk__in=linked.values("record"))
    return condition


def _values(field: FieldDefinition, kind: ObjectType, ids: Sequence[int]) -> list[Any]:
    return [f"{kind.key}:{pk}" for pk in ids] if field.kind.family == "reference" else list(ids)


def _turn(
    door: Door, one: Pointing, kind: ObjectType, survivor: int, losers: Sequence[int], ids: Sequence[int]
) -> None:
    changes: dict[int, Values] = {}
    records = {record.pk: record for record in one.kind.model._default_manager.filter(pk__in=ids)}
    for field in one.columns:
        old, new = _values(field, kind, losers), _values(field, kind, [survivor])[0]
        for pk in ids:
            if field.read(records[pk]) in old:
                changes.setdefault(pk, {})[field.key] = new
    _turn_links(one, survivor, losers, ids, changes)
    doubled = _doubled(one, survivor, changes, records)
    kept = {pk: values for pk, values in changes.items() if pk not in doubled}
    for pk, fill in _filled(one, doubled, records).items():
        kept.setdefault(pk, {}).update(fill)
    if kept:
        door.revert(one.kind.key, kept)
    if gone := [pk for pk in doubled if not _goes_along(one, records[pk], losers)]:
        door.delete(one.kind.key, gone)


def _turn_links(
    one: Pointing, survivor: int, losers: Sequence[int], ids: Sequence[int], changes: dict[int, Values]
) -> None:
    for field in one.links:
        held: dict[int, list[int]] = {}
        rows = Link.objects.filter(object=one.kind.key, field=field.key, record__in=ids).order_by("target")
        for record, target in rows.values_list("record", "target"):
            held.setdefault(record, []).append(target)
        for pk, targets in held.items():
            if set(targets) & set(losers):
                turned = {survivor if target in losers else target for target in targets}
                changes.setdefault(pk, {})[field.key] = tuple(sorted(turned))


def _doubled(
    one: Pointing, survivor: int, changes: dict[int, Values], records: dict[int, Any]
) -> dict[int, int | None]:
    """Rows that, turned, would say what another row says already; with the row that says it, ``None`` where a relation would
    lead from the survivor to itself."""
    fields = one.kind.fields
    doubled: dict[int, int | None] = {}
    lookups = [f for f in one.columns if f.kind.family == "lookup"]
    if one.kind.declaration.kind == "relation" and len(lookups) > 1:
        for pk, values in changes.items():
            if all(values.get(f.key, f.read(records[pk])) == survivor for f in lookups):
                doubled[pk] = None
    unique = [keys for keys in one.kind.declaration.unique_together if any(f.key in keys for f in one.columns)]
    unique += [(f.key,) for f in one.columns if f.spec.unique]
    for keys in unique:
        vias = [f for f in one.columns if f.key in keys]
        condition = Q(pk__in=())
        for via in vias:
            condition |= Q(**{via.attribute: survivor})
        seen: dict[tuple[Any, ...], int] = {}
        for record in one.kind.model._default_manager.filter(condition, deleted_at=None).order_by("pk"):
            seen[tuple(fields[key].read(record) for key in keys)] = record.pk
        for pk, values in changes.items():
            if pk in doubled or not any(key in values for key in keys):
                continue
            said = tuple(values.get(key, fields[key].read(records[pk])) for key in keys)
            if None not in said and said in seen:
                doubled[pk] = seen[said]
            else:
                seen[said] = pk
    return doubled


def _filled(one: Pointing, doubled: dict[int, int | None], records: dict[int, Any]) -> dict[int, Values]:
    """What doubled rows say where the rows that stay say nothing."""
    staying = {pk for pk in doubled.values() if pk is not None}
    stay = {record.pk: record for record in one.kind.model._default_manager.filter(pk__in=staying)}
    filled: dict[int, Values] = {}
    for pk, into in doubled.items():
        if into is None:
            continue
        for field in one.kind.fields.values():
            open_field = field.writable and field.shown and not field.virtual and not field.system
            if not open_field or field.kind.name in ("encrypted", "auto_number"):
                continue
            value = field.read(records[pk])
            if value is not None and field.read(stay[into]) is None:
                filled.setdefault(into, {}).setdefault(field.key, value)
    return filled


def _goes_along(one: Pointing, record: Any, losers: Sequence[int]) -> bool:
    """Whether the row is a part of a loser, and so is deleted with it."""
    return any(f.spec.extra.get("cascade") and f.read(record) in losers for f in one.columns)
