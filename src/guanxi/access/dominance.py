"""Whether a role stays within what its giver holds: nobody gives more than they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.access.actor import RIGHTS, Actor
from guanxi.access.compiled import RoleRules
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

_WIDTH = {"own": 0, "reports": 1, "department": 1, "department_tree": 2, "all": 3}
_OPENNESS = {"hidden": 0, "masked": 1, "read": 2, "write": 3}


@dataclass(frozen=True, slots=True)
class Excess:
    """The first thing a role allows that the giver does not hold: an object, with a right, a scope or a field."""

    kind: ObjectType
    what: str


def excess(giver: Actor, rules: RoleRules) -> Excess | None:
    """What ``rules`` would give beyond the giver's own rights; ``None`` when nothing. Administrators hold everything."""
    if giver.is_administrator and giver.allowed is None:
        return None
    for kind in snapshot():
        held = {right for right in RIGHTS if _gives(rules, right, kind)}
        for right in sorted(held):
            if not _holds(giver, right, kind):
                return Excess(kind, right)
        if kind.declaration.kind in ("setup", "directory", "log"):
            continue
        for right in held & {"read", "edit"}:
            if not _reaches(giver, rules, kind, edit=right == "edit"):
                return Excess(kind, rules.scope(kind.key, edit=right == "edit"))
        if "read" in held and (field := _field(giver, rules, kind)):
            return Excess(kind, field)
    return None


def _gives(rules: RoleRules, right: str, kind: ObjectType) -> bool:
    setup = kind.declaration.kind in ("setup", "directory")
    if setup and right != "administrate":
        return False
    return rules.allows(right, kind.key, named=kind.declaration.restricted and not setup)


def _holds(giver: Actor, right: str, kind: ObjectType) -> bool:
    """Whether one of the giver's roles, and the key in use, has the right, whether or not it can be used at present."""
    if giver.allowed is not None and right not in giver.allowed:
        return False
    return giver.is_administrator or any(_gives(role, right, kind) for role in giver.roles)


def _reaches(giver: Actor, rules: RoleRules, kind: ObjectType, *, edit: bool) -> bool:
    if giver.is_administrator:
        return True
    wanted = rules.scope(kind.key, edit=edit)
    right = "edit" if edit else "read"
    held = [role.scope(kind.key, edit=edit) for role in giver.roles if role.allows(right, kind.key)]
    return wanted in held or any(_WIDTH[scope] > _WIDTH[wanted] for scope in held)


def _field(giver: Actor, rules: RoleRules, kind: ObjectType) -> str:
    """A field the role opens wider than the giver sees it."""
    for key in kind.fields:
        rule = rules.fields.get((kind.key, key))
        level = "write" if rule is None else "masked" if rule.mask != "none" and rule.level != "hidden" else rule.level
        if _OPENNESS[level] > _OPENNESS[giver.field_level(kind.key, key)]:
            return key
    return ""


def covers(giver: Actor, roles: Mapping[int, RoleRules], wanted: frozenset[int]) -> Excess | None:
    """The first excess among several roles."""
    return next((found for role in sorted(wanted) if (found := excess(giver, roles[role]))), None)
