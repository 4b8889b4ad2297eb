"""The tree as one database condition, every path checked against the actor's field permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.query.people import people_of
from guanxi.engine.query.ranges import bounds
from guanxi.engine.query.resolve import checked, search_column
from guanxi.engine.query.tree import NEGATIVE, Condition, Group, Not, Tree
from guanxi.kernel.sql import FoldedContains, Holds
from guanxi.kernel.text import normalise
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot

ALWAYS, NEVER = Q(), Q(pk__in=())
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "lt": LessThan,
    "le": LessThanOrEqual,
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
}


def compile_tree(tree: Tree | None, kind: ObjectType, actor: Actor) -> Q:
    """A condition on the object's model. Two-valued: ``not`` is the exact complement, whatever is empty."""
    return ALWAYS if tree is None else _compile(tree, kind, actor, negated=False)


def _compile(tree: Tree, kind: ObjectType, actor: Actor, *, negated: bool) -> Q:
    match tree:
        case Not(item):
            return _compile(item, kind, actor, negated=not negated)
        case Group(op, items):
            parts = [_compile(item, kind, actor, negated=negated) for item in items]
            return _all(parts) if (op == "and") != negated else _any(parts)
        case Condition():
            return _leaf(tree, kind, actor, negated=negated)


def _all(parts: list[Q]) -> Q:
    result = ALWAYS
    for part in parts:
        result &= part
    return result


def _any(parts: list[Q]) -> Q:
    if not parts:
        return NEVER
    if any(part == ALWAYS for part in parts):
        return ALWAYS
    result = parts[0]
    for part in parts[1:]:
        result |= part
    return result


def _leaf(condition: Condition, kind: ObjectType, actor: Actor, *, negated: bool) -> Q:
    path, condition = checked(condition, kind, actor)
    if condition.op in NEGATIVE:
        condition = Condition(condition.path, NEGATIVE[condition.op], condition.value)
        negated = not negated
    if path is None:
        positive = words(str(condition.value), kind, actor)
    else:
        kinds = [kind, *(snapshot().get(step.spec.target) for step in path.steps)]
        positive = _positive(path.field, condition, kinds[-1], actor)
        for step, owner_kind in zip(reversed(path.steps), reversed(kinds[1:]), strict=True):
            rows = visible(actor, owner_kind).filter(positive).values("pk")
            positive = Q(In(step.expression(), rows))
    return complement(positive) if negated else positive


def complement(condition: Q) -> Q:
    """True where the condition is false or unknown."""
    if condition == ALWAYS:
        return NEVER
    return Q(Case(When(condition, then=Value(False)), default=Value(True), output_field=BooleanField()))


def words(text: str, kind: ObjectType, actor: Actor) -> Q:
    """The records whose search key (or title, where a field of the key is closed to the actor) holds every word."""
    closed_to_title = search_column(kind, actor)
    found = normalise(text).split()
    if closed_to_title is None:
        return _all([Q(Holds(F("search_key"), word)) for word in found])
    return _all([Q(FoldedContains(closed_to_title.expression(), word)) for word in found])


def _positive(field: FieldDefinition, condition: Condition, kind: ObjectType, actor: Actor) -> Q:
    """The condition for one of the positive operators; unknown (NULL) where the value is empty."""
    op, value = condition.op, condition.value
    if field.kind.family == "links":
        return _links(field, op, value, actor)
    column = field.expression()
    if op == "not_empty":
        return _not_empty(field, column)
    match field.kind.family:
        case "lookup":
            values = value if isinstance(value, tuple) else (value,)
            return _lookup(field, column, values, actor)
        case "date" | "datetime":
            values = value if isinstance(value, tuple) else (value,)
            return _any([_range(field, column, op, str(item), actor) for item in values])
        case "choices":
            values = value if isinstance(value, tuple) else (value,)
            return _any([Q(_contains(column, f",{item},")) for item in values])
    if op in ("contains", "starts"):
        return Q(FoldedContains(column, str(value), op))
    if op in ("eq", "in"):
        values = value if isinstance(value, tuple) else (value,)
        stored = [_stored(field, item) for item in values]
        return Q(Exact(column, stored[0])) if len(stored) == 1 else Q(In(column, stored))
    return Q(_COMPARE[op](column, _stored(field, value)))


def _contains(column: Combinable, text: str) -> FoldedContains:
    return FoldedContains(column, text)


def _stored(field: FieldDefinition, value: Any) -> Any:
    parsed = field.kind.parse(value, field.spec)
    return field.kind.json_storage(parsed) if field.custom else field.kind.storage(parsed)


def _not_empty(field: FieldDefinition, column: Combinable) -> Q:
    present = Q(IsNull(column, False))
    if field.kind.blank == "" and not field.custom:
        present &= ~Q(Exact(column, Value("")))
    return present


def _range(field: FieldDefinition, column: Combinable, op: str, text: str, actor: Actor) -> Q:
    start, end = bounds(field, text, actor)
    if field.custom:
        start, end = field.kind.json_storage(start), field.kind.json_storage(end)
    match op:
        case "lt":
            return Q(LessThan(column, start))
        case "le":
            return Q(LessThan(column, end))
        case "gt":
            return Q(GreaterThanOrEqual(column, end))
        case "ge":
            return Q(GreaterThanOrEqual(column, start))
        case _:
            return Q(GreaterThanOrEqual(column, start)) & Q(LessThan(column, end))


def _lookup(field: FieldDefinition, column: Combinable, values: tuple[Any, ...], actor: Actor) -> Q:
    target = snapshot().objects.get(field.spec.target)
    ids = {value for value in values if isinstance(value, int)}
    names = [value for value in values if isinstance(value, str)]
    for name in list(names):
        if (people := people_of(name, field, actor)) is not None:
            ids |= people
            names.remove(name)
    parts = [Q(Exact(column, next(iter(ids)))) if len(ids) == 1 else Q(In(column, sorted(ids)))] if ids else []
    if names and target is not None:
        parts.append(Q(In(column, visible(actor, target).filter(named(target, names)).values("pk"))))
    return _any(parts)


def named(target: ObjectType, names: list[str]) -> Q:
    """The records of an object called one of these names, in either language, letters compared without case."""
    keys = [target.title.key, *([target.declaration.title_en] if target.declaration.title_en else [])]
    return _any([Q(FoldedContains(target.fields[key].expression(), name, "equals")) for key in keys for name in names])


def _links(field: FieldDefinition, op: str, value: Any, actor: Actor) -> Q:
    rows = Link.objects.filter(object=field.object_key, field=field.key)
    if op != "not_empty":
        ids = [item for item in value if isinstance(item, int)]
        names = [item for item in value if isinstance(item, str)]
        wanted = Q(target__in=ids)
        target = snapshot().objects.get(field.spec.target)
        if names and target is not None:
            wanted |= Q(target__in=visible(actor, target).filter(named(target, names)).values("pk"))
        rows = rows.filter(wanted)
    return Q(pk__in=rows.values("record"))
