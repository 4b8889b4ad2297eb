"""Why an actor may see or change a record: the same reasoning as :mod:`guanxi.access.visibility`, told reason by reason.

A property test holds both equal: a record is visible exactly when it has a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from django.db.models import Q, QuerySet

from guanxi.access.actor import Actor
from guanxi.access.granted import Level
from guanxi.access.models import Grant
from guanxi.access.visibility import DEPTH
from guanxi.kernel import clock
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

Cause = Literal["administrator", "default", "scope", "rule", "grant", "parent"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. Which of the attributes are set depends on the cause."""

    cause: Cause
    role: int | None = None
    """scope: the role that reaches the owner. grant: the role it was given to."""
    scope: str = ""
    """scope: own, reports, department, department_tree or all. default: read, write or (settings) administrate."""
    name: str = ""
    """rule: the name of the rule. grant: the note on it."""
    rule: int | None = None
    grant: int | None = None
    grant_cause: str = ""
    principal_kind: str = ""
    principal: int | None = None
    expires_at: datetime | None = None
    via: str = ""
    """parent: the field that leads to the record whose readers may see this one."""
    parent: tuple[str, int] | None = None


class Subject:
    """A record about which many people may be asked: what is known of it is looked up once."""

    def __init__(self, kind: ObjectType, record_id: int) -> None:
        self.kind = kind
        self.id = record_id
        self._parents: dict[str, Subject | None] = {}

    @cached_property
    def values(self) -> dict[str, Any]:
        """Owner, and what leads to records whose readers may see this one."""
        names = [self.kind.fields[key].attribute for key in self.kind.declaration.inherits]
        names += ["owner_id"] if self.kind.owned else []
        return self._rows().values(*names).first() or {} if names else {}

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """The grants on the record that have not ended."""
        live = Q(expires_at=None) | Q(expires_at__gt=clock.now())
        rows = Grant.objects.filter(live, object=self.kind.key, record=self.id).select_related("rule")
        return tuple(rows.order_by("pk"))

    def parent(self, field: FieldDefinition) -> Subject | None:
        """The live record a field leads to, if its readers may see this one."""
        if field.key not in self._parents:
            self._parents[field.key] = self._parent(field)
        return self._parents[field.key]

    def _parent(self, field: FieldDefinition) -> Subject | None:
        value = self.values.get(field.attribute)
        if not value:
            return None
        key, _colon, number = (
            (field.spec.target, ":", value) if field.kind.family == "lookup" else str(value).partition(":")
        )
        kind = snapshot().objects.get(key)
        if kind is None or (field.kind.family != "lookup" and not kind.declaration.timeline):
            return None
        found = kind.model._default_manager.filter(pk=int(number), deleted_at=None).exists()
        return Subject(kind, int(number)) if found else None

    def _rows(self) -> QuerySet[Any]:
        return self.kind.model._default_manager.filter(pk=self.id)


def reasons(
    actor: Actor, kind: ObjectType, record_id: int, level: Level = "read", depth: int = DEPTH
) -> tuple[Reason, ...]:
    """Every reason for which the actor may read (or write) the record; empty when the actor may not.

    The record may be in the recycle bin; that it exists is for the caller to know.
    """
    return reasons_for(actor, Subject(kind, record_id), level, depth)


def reasons_for(actor: Actor, subject: Subject, level: Level = "read", depth: int = DEPTH) -> tuple[Reason, ...]:
    """As :func:`reasons`, for asking about one record and many people."""
    kind = subject.kind
    right = "read" if level == "read" else "edit"
    if not actor.can(right, kind.key):
        return ()
    if level == "write" and not reasons_for(actor, subject, "read", depth):
        return ()
    found = [*_standing(actor, kind, level), *_scopes(actor, subject, right)]
    if kind.key in actor.access.granted:
        found += [_granted(grant) for grant in subject.grants if _for(actor, grant, level)]
    if depth and (level == "read" or kind.declaration.kind == "relation"):
        for key in kind.declaration.inherits:
            parent = subject.parent(kind.fields[key])
            if parent is not None and reasons_for(actor, parent, level, depth - 1):
                found.append(Reason("parent", via=key, parent=(parent.kind.key, parent.id)))
    return tuple(found)


def _standing(actor: Actor, kind: ObjectType, level: Level) -> list[Reason]:
    if actor.is_administrator:
        return [Reason("administrator")]
    if kind.declaration.kind in ("setup", "directory"):
        return [Reason("default", scope="read" if level == "read" else "administrate")]
    default = actor.access.defaults.get(kind.key, kind.declaration.default_access)
    opens = default == "write" or (default == "read" and level == "read")
    return [Reason("default", scope=default)] if opens else []


def _scopes(actor: Actor, subject: Subject, right: str) -> list[Reason]:
    found = []
    kind = subject.kind
    owner = subject.values.get("owner_id")
    person = actor.access.people.get(actor.user_id or 0)
    for role in person.roles if person else ():
        rules = actor.access.roles[role]
        if rules.allows(right, kind.key, named=kind.declaration.restricted):
            scope = rules.scope(kind.key, edit=right == "edit")
            if scope == "all" or (owner is not None and owner in actor.people_within(scope)):
                found.append(Reason("scope", role=role, scope=scope))
    return found


def _for(actor: Actor, grant: Grant, level: Level) -> bool:
    """Whether a grant is for the actor, at this level."""
    if level == "write" and grant.level != "write":
        return False
    person = actor.access.people.get(actor.user_id or 0)
    if person is None:
        return False
    match grant.principal_kind:
        case "user":
            return grant.principal == person.id
        case "role":
            return grant.principal in person.roles
        case "department":
            return grant.principal == person.department
        case "everyone":
            return True
    return grant.principal in actor.access.above(person.department)


def _granted(grant: Grant) -> Reason:
    if grant.rule is not None:
        return Reason("rule", grant=grant.pk, rule=grant.rule_id, name=grant.rule.name)
    return Reason(
        "grant",
        grant=grant.pk,
        grant_cause=grant.cause,
        name=grant.note,
        principal_kind=grant.principal_kind,
        principal=grant.principal,
        expires_at=grant.expires_at,
    )
