"""Counts and sums from what is kept, for one actor; nothing where the question is another one than was kept for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet

from guanxi.access.actor import Actor
from guanxi.access.visibility import parts, sees_all
from guanxi.engine.aggregates.tables import AggregateRow, AggregateState
from guanxi.engine.groups import Groups
from guanxi.engine.query import Condition, Tree, conjuncts
from guanxi.engine.query.people import people_of
from guanxi.engine.query.ranges import bounds
from guanxi.engine.query.resolve import checked
from guanxi.engine.rollups import converted
from guanxi.kernel import prepared
from guanxi.kernel.sql import IdIn, IdText, IntegerSum
from guanxi.schema.aggregates import Aggregate, Part
from guanxi.schema.definition import FieldDefinition, ObjectType

COLUMNS = ("one", "two", "three")
SUMS = ("first_sum", "second_sum")
OWNER = "owner"
NOBODY = 0


def totals(
    actor: Actor, kind: ObjectType, query: Tree | None, by: Sequence[Part], keys: Sequence[str]
) -> Groups | None:
    """Count and sums of the records the actor may see **by their owner**, per group; ``None`` where nothing kept tells.

    The groups are texts as they are kept. What is shared with the actor beyond that comes on top: :func:`beside`.
    """
    if not kind.declaration.aggregates or not _by_owner(actor, kind):
        return None
    for aggregate in _trusted(kind):
        columns = [_column(aggregate, part) for part in by]
        if None in columns or not set(keys) <= set(aggregate.sums):
            continue
        condition = _condition(actor, kind, aggregate, query)
        if condition is not None:
            return _read(actor, kind, aggregate, condition, [str(column) for column in columns], keys)
    return None


def beside(actor: Actor, kind: ObjectType) -> Q | None:
    """The records the actor sees without their owner being within reach; ``None`` where there are none."""
    split = parts(actor, kind)
    return split[1] if split is not None and len(split) > 1 else None


def _by_owner(actor: Actor, kind: ObjectType) -> bool:
    """Whether what the actor sees follows from the owner, but for what :func:`beside` tells."""
    if actor.past is not None or not actor.can("read", kind.key):
        return False
    return sees_all(actor, kind, "read") or parts(actor, kind) is not None


def _column(aggregate: Aggregate, part: Part) -> str | None:
    if part.field == OWNER:
        return OWNER
    wanted = Part(part.field, "month") if part.period in ("month", "quarter", "year") else part
    return COLUMNS[aggregate.by.index(wanted)] if wanted in aggregate.by else None


def _trusted(kind: ObjectType) -> list[Aggregate]:
    """The aggregates that equal the records, in the order of the declaration."""
    built = set(prepared.rows(_built, kind.key))
    return [one for one in kind.declaration.aggregates if (one.key, one.shape) in built]


def _built(object_key: str) -> QuerySet[Any]:
    return AggregateState.objects.filter(object=object_key, built_at__isnull=False).values_list("aggregate", "shape")


def _read(
    actor: Actor, kind: ObjectType, aggregate: Aggregate, condition: Q, columns: Sequence[str], keys: Sequence[str]
) -> Groups:
    rows = AggregateRow.objects.filter(condition, object=kind.key, aggregate=aggregate.key)
    if not sees_all(actor, kind, "read"):
        rows = rows.filter(IdIn(F(OWNER), actor.reach(kind.key, edit=False) or ()))
    sums = {f"_s{place}": IntegerSum(SUMS[aggregate.sums.index(key)]) for place, key in enumerate(keys)}
    named = {f"_by{place}": IdText(OWNER) if column == OWNER else F(column) for place, column in enumerate(columns)}
    found = rows.order_by().values(*_grouping(aggregate, columns)).annotate(_n=IntegerSum("number"), **sums)
    found = found.annotate(**named).exclude(_n=0)
    return converted(kind, found.values_list(*named, "currency", "_n", *sums), len(columns), keys)


def _grouping(aggregate: Aggregate, columns: Sequence[str]) -> list[str]:
    """What to group by; the finest groups in the order in which they lie in the index, which spares sorting them."""
    finest = {OWNER, *COLUMNS[: len(aggregate.by)]}
    return [*((OWNER, *COLUMNS) if finest <= set(columns) else dict.fromkeys(columns)), "currency"]


def _condition(actor: Actor, kind: ObjectType, aggregate: Aggregate, query: Tree | None) -> Q | None:
    """The filter on the kept rows; ``None`` where it asks for something else."""
    found = Q()
    for item in conjuncts(query):
        if not isinstance(item, Condition):
            return None
        path, item = checked(item, kind, actor)
        if path is None or path.steps:
            return None
        one = _one(actor, aggregate, path.field, item)
        if one is None:
            return None
        found &= one
    return found


def _one(actor: Actor, aggregate: Aggregate, field: FieldDefinition, item: Condition) -> Q | None:
    values = item.value if isinstance(item.value, tuple) else (item.value,)
    if field.key == OWNER:
        ids = _people(field, values, actor) if item.op in ("eq", "in") else None
        return None if ids is None else Q(IdIn(F(OWNER), ids - {NOBODY}))
    if field.kind.family in ("lookup", "choice"):
        column = _column(aggregate, Part(field.key))
        known = all(isinstance(value, int) or field.kind.family == "choice" for value in values)
        if column is None or item.op not in ("eq", "in") or not known:
            return None
        return Q(**{f"{column}__in": [str(value) for value in values]})
    if field.kind.family == "date":
        column = _column(aggregate, Part(field.key, "month"))
        return None if column is None or len(values) != 1 else _months(actor, column, field, item)
    return None


def _people(field: FieldDefinition, values: Sequence[Any], actor: Actor) -> set[int] | None:
    ids: set[int] = set()
    for value in values:
        found = {value} if isinstance(value, int) else people_of(str(value), field, actor)
        if found is None:
            return None
        ids |= found
    return ids


def _months(actor: Actor, column: str, field: FieldDefinition, item: Condition) -> Q | None:
    """A condition on days that asks for whole months."""
    if item.op not in ("eq", "lt", "le", "gt", "ge"):
        return None
    start, end = bounds(field, str(item.value), actor)
    low = {"eq": start, "ge": start, "gt": end}.get(item.op)
    high = {"eq": end, "lt": start, "le": end}.get(item.op)
    if any(day is not None and day.day != 1 for day in (low, high)):
        return None
    found = ~Q(**{column: ""})
    if low is not None:
        found &= Q(**{f"{column}__gte": low.isoformat()[:7]})
    return found & Q(**{f"{column}__lt": high.isoformat()[:7]}) if high is not None else found
