"""The rules of access once more, as plainly as they can be said; shares nothing with the product but the names.

The tests hold the product against this: what is visible in a query, what is explained, what a route answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

BINS = ("own", "reports", "department", "department_tree", "all")


@dataclass
class ModelRole:
    """Rights by object (``*`` for the others), scopes by object, levels by (object, field)."""

    rights: dict[str, set[str]]
    scopes: dict[str, tuple[str, str]]

    def has(self, right: str, key: str) -> bool:
        """Whether the role has the right on the object."""
        return right in (self.rights[key] if key in self.rights else self.rights.get("*", set()))

    def scope(self, key: str, right: str) -> str:
        """How far it reaches."""
        read, edit = self.scopes.get(key) or self.scopes.get("*") or ("own", "own")
        return edit if right == "edit" else read


@dataclass
class ModelPerson:
    """A person."""

    id: int
    department: int | None = None
    manager: int | None = None
    roles: list[int] = field(default_factory=list)
    administrator: bool = False


@dataclass
class ModelRecord:
    """A record: whose it is, and what it is part of or about."""

    key: str
    id: int
    owner: int | None
    parents: list[tuple[str, int]] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)


@dataclass
class ModelRule:
    """A sharing rule: the records that ``holds`` says, to whoever ``person``, ``department`` or ``role`` names."""

    key: str
    holds: Callable[[ModelRecord], bool]
    level: str
    person: int | None = None
    department: int | None = None
    below: bool = False
    role: int | None = None
    everybody: bool = False
    number: int = 0


@dataclass
class ModelGrant:
    """A grant."""

    key: str
    record: int
    kind: str
    principal: int
    level: str
    expires: datetime | None = None


@dataclass
class Model:
    """A company."""

    people: dict[int, ModelPerson]
    departments: dict[int, int | None]
    roles: dict[int, ModelRole]
    records: dict[tuple[str, int], ModelRecord]
    defaults: dict[str, str]
    rules: list[ModelRule] = field(default_factory=list)
    grants: list[ModelGrant] = field(default_factory=list)

    def may(self, who: int, level: str, key: str, record: int, now: datetime) -> bool:
        """Whether a person may ``read`` or ``write`` a record."""
        person = self.people[who]
        if person.administrator:
            return True
        if level == "write" and not self.may(who, "read", key, record, now):
            return False
        right = "edit" if level == "write" else "read"
        roles = [self.roles[role] for role in person.roles if self.roles[role].has(right, key)]
        if not roles:
            return False
        found = self.records[(key, record)]
        default = self.defaults.get(key, "private")
        if default == "write" or (default == "read" and level == "read"):
            return True
        for role in roles:
            scope = role.scope(key, right)
            if scope == "all" or (found.owner is not None and self._within(person, found.owner, scope)):
                return True
        if any(self._opens(rule, person, found, level) for rule in self.rules):
            return True
        if any(self._granted(grant, person, found, level, now) for grant in self.grants):
            return True
        return level == "read" and any(self.may(who, "read", *parent, now) for parent in found.parents)

    def _within(self, person: ModelPerson, owner: int, scope: str) -> bool:
        if owner == person.id:
            return True
        if scope == "reports":
            return self._under(owner, person.id)
        if person.department is None or owner not in self.people:
            return False
        theirs = self.people[owner].department
        if scope == "department":
            return theirs == person.department
        if scope == "department_tree":
            return person.department in self._line(theirs)
        return False

    def _under(self, who: int, boss: int) -> bool:
        seen = set()
        step = self.people[who].manager if who in self.people else None
        while step is not None and step not in seen:
            if step == boss:
                return True
            seen.add(step)
            step = self.people[step].manager
        return False

    def _line(self, department: int | None) -> list[int]:
        line = []
        while department is not None and department not in line:
            line.append(department)
            department = self.departments[department]
        return line

    def _opens(self, rule: ModelRule, person: ModelPerson, record: ModelRecord, level: str) -> bool:
        if rule.key != record.key or (level == "write" and rule.level != "write"):
            return False
        line = self._line(person.department) if rule.below else [person.department]
        meant = (
            rule.everybody
            or rule.person == person.id
            or (rule.role is not None and rule.role in person.roles)
            or (rule.department is not None and rule.department in line)
        )
        return meant and rule.holds(record)

    def _granted(self, grant: ModelGrant, person: ModelPerson, record: ModelRecord, level: str, now: datetime) -> bool:
        if (grant.key, grant.record) != (record.key, record.id) or (level == "write" and grant.level != "write"):
            return False
        if grant.expires is not None and grant.expires <= now:
            return False
        return {
            "user": grant.principal == person.id,
            "role": grant.principal in person.roles,
            "department": grant.principal == person.department,
            "department_tree": grant.principal in self._line(person.department),
        }[grant.kind]
