"""The one compiler from rights to a database condition. Everything that shows or changes records goes through it."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from guanxi.access.actor import Actor
from guanxi.access.models import Grant
from guanxi.access.sharing import condition_of
from guanxi.kernel import clock
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

Level = Literal["read", "write"]
NOTHING = Q(pk__in=())
DEPTH = 3
"""How many records deep visibility is inherited."""


def visible(actor: Actor, kind: ObjectType, level: Level = "read") -> QuerySet[Any]:
    """The live records of an object that the actor may read, or write."""
    return every(actor, kind, level).filter(deleted_at=None)


def every(actor: Actor, kind: ObjectType, level: Level = "read") -> QuerySet[Any]:
    """As :func:`visible`, with those in the recycle bin."""
    return kind.model._default_manager.filter(condition(actor, kind, level))


def condition(actor: Actor, kind: ObjectType, level: Level = "read", depth: int = DEPTH) -> Q:
    """Which records of an object the actor may read or write: action ∧ (default ∨ scope ∨ rule ∨ grant ∨ inherited).

    An empty ``Q()`` means every record.
    """
    right = "read" if level == "read" else "edit"
    if not actor.can(right, kind.key):
        return NOTHING
    if sees_all(actor, kind, level):
        return Q()
    people = actor.reach(kind.key, edit=level == "write")
    allowed = Q(owner_id__in=people) if kind.owned and people else NOTHING
    for rule in actor.access.rules_for(actor.user_id or 0, kind.key, level):
        opened = condition_of(rule, kind, actor.as_program())
        if opened is not None:
            if not opened:
                return Q()
            allowed |= opened
    if kind.key in actor.access.granted:
        allowed |= Q(pk__in=grants(actor, kind, level).values("record"))
    if depth and (level == "read" or kind.declaration.kind == "relation"):
        for key in kind.declaration.inherits:
            allowed |= _inherited(actor, kind.fields[key], level, depth - 1)
    return allowed


def sees_all(actor: Actor, kind: ObjectType, level: Level) -> bool:
    """Whether no record of the object is closed to the actor (given the right to the object)."""
    default = actor.access.defaults.get(kind.key, kind.declaration.default_access)
    if default == "write" or (default == "read" and level == "read") or kind.declaration.kind in ("setup", "directory"):
        return True
    return actor.reach(kind.key, edit=level == "write") is None


def grants(actor: Actor, kind: ObjectType, level: Level) -> QuerySet[Grant]:
    """The grants of an object that are for the actor and have not ended."""
    person = actor.access.people.get(actor.user_id or 0)
    principals = Q(principal_kind="user", principal=actor.user_id)
    if person is not None:
        principals |= Q(principal_kind="role", principal__in=person.roles)
        if person.department is not None:
            above = actor.access.above(person.department)
            principals |= Q(principal_kind="department", principal=person.department)
            principals |= Q(principal_kind="department_tree", principal__in=above)
    rows = Grant.objects.filter(principals, object=kind.key)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    return rows.filter(level="write") if level == "write" else rows


def _inherited(actor: Actor, field: FieldDefinition, level: Level, depth: int) -> Q:
    """The records whose ``field`` points to a live record that the actor may see (or write)."""
    if field.kind.family == "lookup":
        target = snapshot().get(field.spec.target)
        rows = target.model._default_manager.filter(condition(actor, target, level, depth), deleted_at=None)
        return Q(**{f"{field.attribute}__in": rows.values("pk")})
    allowed = Q()
    for target in snapshot():
        if target.declaration.timeline and actor.can("read", target.key):
            rows = target.model._default_manager.filter(condition(actor, target, level, depth), deleted_at=None)
            names = Concat(Value(f"{target.key}:"), Cast("pk", CharField()), output_field=CharField())
            allowed |= Q(**{f"{field.attribute}__in": rows.annotate(_name=names).values("_name")})
    return allowed if allowed else NOTHING
