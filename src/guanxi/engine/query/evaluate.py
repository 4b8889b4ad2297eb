"""The tree evaluated in memory against one record; a property test holds it equal to the compiled condition."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.query.people import people_of
from guanxi.engine.query.ranges import bounds
from guanxi.engine.query.resolve import checked, search_column
from guanxi.engine.query.tree import NEGATIVE, Condition, Group, Not, Tree
from guanxi.kernel.text import fold, normalise
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot


def evaluate(tree: Tree | None, kind: ObjectType, record: Record, actor: Actor) -> bool:
    """Whether the record meets the tree, for this actor, now."""
    match tree:
        case None:
            return True
        case Not(item):
            return not evaluate(item, kind, record, actor)
        case Group(op, items):
            results = (evaluate(item, kind, record, actor) for item in items)
            return all(results) if op == "and" else any(results)
        case Condition():
            return _leaf(tree, kind, record, actor)


def _leaf(condition: Condition, kind: ObjectType, record: Record, actor: Actor) -> bool:
    path, condition = checked(condition, kind, actor)
    if condition.op in NEGATIVE:
        positive = Condition(condition.path, NEGATIVE[condition.op], condition.value)
        return not _leaf(positive, kind, record, actor)
    if path is None:
        closed_to_title = search_column(kind, actor)
        key = record.search_key if closed_to_title is None else fold(str(closed_to_title.read(record) or ""))
        return all(word in key for word in normalise(str(condition.value)).split())
    for step in path.steps:
        kind = snapshot().get(step.spec.target)
        found = visible(actor, kind, narrow=True).filter(pk=step.read(record)).first()
        if found is None:
            return False
        record = found
    return _holds(path.field, condition, record, actor)


def _holds(field: FieldDefinition, condition: Condition, record: Record, actor: Actor) -> bool:
    op, wanted = condition.op, condition.value
    values = wanted if isinstance(wanted, tuple) else (wanted,)
    if field.kind.family == "links":
        return _linked(field, op, values, record, actor)
    value = field.read(record)
    if op == "not_empty":
        return value is not None
    if value is None:
        return False
    match field.kind.family:
        case "lookup":
            return _points(field, value, values, actor)
        case "date" | "datetime":
            return any(_within(field, value, op, str(item), actor) for item in values)
        case "choices":
            return any(item in value for item in values)
    if op == "contains":
        return fold(str(wanted)) in fold(value)
    if op == "starts":
        return fold(value).startswith(fold(str(wanted)))
    parsed = [field.kind.parse(item, field.spec) for item in values]
    if op in ("eq", "in"):
        return value in parsed
    limit = parsed[0]
    return bool({"lt": value < limit, "le": value <= limit, "gt": value > limit, "ge": value >= limit}[op])


def _within(field: FieldDefinition, value: Any, op: str, text: str, actor: Actor) -> bool:
    start, end = bounds(field, text, actor)
    match op:
        case "lt":
            return bool(value < start)
        case "le":
            return bool(value < end)
        case "gt":
            return bool(value >= end)
        case "ge":
            return bool(value >= start)
        case _:
            return bool(start <= value < end)


def _points(field: FieldDefinition, value: int, wanted: tuple[Any, ...], actor: Actor) -> bool:
    target = snapshot().objects.get(field.spec.target)
    for item in wanted:
        if isinstance(item, int):
            if value == item:
                return True
        elif (people := people_of(item, field, actor)) is not None:
            if value in people:
                return True
        elif target is not None and _called(target, value, item, actor):
            return True
    return False


def _called(target: ObjectType, pk: int, name: str, actor: Actor) -> bool:
    record = visible(actor, target, narrow=True).filter(pk=pk).first()
    if record is None:
        return False
    keys = [target.title.key, *([target.declaration.title_en] if target.declaration.title_en else [])]
    return any(fold(str(target.fields[key].read(record) or "")) == fold(name) for key in keys)


def _linked(field: FieldDefinition, op: str, wanted: tuple[Any, ...], record: Record, actor: Actor) -> bool:
    rows = Link.objects.filter(object=field.object_key, field=field.key, record=record.pk)
    linked = set(rows.values_list("target", flat=True))
    if op == "not_empty":
        return bool(linked)
    target = snapshot().objects.get(field.spec.target)
    for item in wanted:
        if isinstance(item, int):
            if item in linked:
                return True
        elif target is not None and any(_called(target, pk, item, actor) for pk in linked):
            return True
    return False
