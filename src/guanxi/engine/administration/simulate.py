"""What would change if a role changed: records gained and lost, per object and person, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from guanxi.access import compiled
from guanxi.access.actor import Actor, actor_for
from guanxi.access.compiled import RoleRules
from guanxi.access.granted import Level
from guanxi.access.models import User
from guanxi.access.visibility import NOTHING, condition
from guanxi.engine.administration.roles import document, given_to, rules_of
from guanxi.engine.query.compile import complement
from guanxi.engine.read import bounded
from guanxi.engine.shapes import Count
from guanxi.engine.write import require
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change does to one object: records that at least one holder of the role gains or loses."""

    kind: ObjectType
    level: Level
    gained: Count
    lost: Count
    people: int
    """How many of the holders gain or lose any."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The whole effect; ``rights`` are those the role itself gains and loses, ``fields`` likewise."""

    holders: int
    effects: tuple[Effect, ...]
    rights_gained: tuple[tuple[ObjectType, str], ...]
    rights_lost: tuple[tuple[ObjectType, str], ...]


def role_change(actor: Actor, role_id: int, wanted: Mapping[str, Any]) -> Simulation:
    """The effect of giving the role the rights of a document (see :mod:`guanxi.engine.administration.roles`)."""
    require(actor, "administrate", snapshot().get("role"))
    document(role_id)
    picture = compiled.current()
    before = picture.roles.get(role_id) or RoleRules({}, {}, {})
    proposed = rules_of(wanted)
    after = replace(proposed, requires_mfa=before.requires_mfa, networks=before.networks)
    changed = replace(picture, roles={**picture.roles, role_id: after})
    people = User.objects.filter(pk__in=given_to(role_id)).order_by("pk")
    actors = [(held := actor_for(user), replace(held, access=changed)) for user in people]
    effects = []
    for kind in snapshot():
        if kind.declaration.kind in ("setup", "directory"):
            continue
        levels: tuple[Level, ...] = ("read", "write")
        for level in levels:
            if _differs(before, after, kind, level):
                effects.append(_effect(kind, level, actors))
    rights = {(kind, right) for kind in snapshot() for right in _rights(before, kind)}
    future = {(kind, right) for kind in snapshot() for right in _rights(after, kind)}
    return Simulation(
        holders=len(actors),
        effects=tuple(effect for effect in effects if effect.gained.number or effect.lost.number),
        rights_gained=_sorted(future - rights),
        rights_lost=_sorted(rights - future),
    )


def _differs(before: RoleRules, after: RoleRules, kind: ObjectType, level: Level) -> bool:
    right = "read" if level == "read" else "edit"
    edit = level == "write"
    named = kind.declaration.restricted
    return (before.allows(right, kind.key, named=named), before.scope(kind.key, edit=edit)) != (
        after.allows(right, kind.key, named=named),
        after.scope(kind.key, edit=edit),
    ) or (bool(kind.declaration.inherits) and (level == "read" or kind.declaration.kind == "relation"))


def _effect(kind: ObjectType, level: Level, actors: list[tuple[Actor, Actor]]) -> Effect:
    rows = kind.model._default_manager.filter(deleted_at=None)
    gained, lost, people = NOTHING, NOTHING, 0
    for old, new in actors:
        was, will = condition(old, kind, level), condition(new, kind, level)
        more, less = will & complement(was), was & complement(will)
        people += rows.filter(more | less).exists()
        gained, lost = gained | more, lost | less
    return Effect(kind, level, bounded(rows.filter(gained)), bounded(rows.filter(lost)), people)


def _rights(rules: RoleRules, kind: ObjectType) -> frozenset[str]:
    if kind.key in rules.actions:
        return rules.actions[kind.key]
    return frozenset() if kind.declaration.restricted else rules.actions.get("*", frozenset())


def _sorted(found: set[tuple[ObjectType, str]]) -> tuple[tuple[ObjectType, str], ...]:
    return tuple(sorted(found, key=lambda pair: (pair[0].declaration.order, pair[0].key, pair[1])))
