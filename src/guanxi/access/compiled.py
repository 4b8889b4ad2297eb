"""Access compiled for fast questions: an immutable picture of people, departments and roles, swapped when they change."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from guanxi.access import models
from guanxi.access import policy as policies
from guanxi.access.policy import Policy
from guanxi.access.roles import networks_in
from guanxi.kernel import db
from guanxi.kernel.labels import Label
from guanxi.schema import registry

SCOPES = ("own", "reports", "department", "department_tree", "all")


@dataclass(frozen=True)
class FieldRule:
    """What one role says of one field."""

    level: str
    mask: str


@dataclass(frozen=True)
class RoleRules:
    """What one role allows."""

    actions: Mapping[str, frozenset[str]]
    scopes: Mapping[str, tuple[str, str]]
    fields: Mapping[tuple[str, str], FieldRule]
    requires_mfa: bool = False
    networks: tuple[str, ...] = ()
    label: Label = field(default_factory=lambda: Label("", ""))

    def allows(self, right: str, object_key: str, *, named: bool = False) -> bool:
        """Whether the role has the right on the object; with ``named`` only if it names the object itself.

        An object that is named has exactly the rights listed for it: what holds for every other object does not add to them.
        """
        if object_key in self.actions:
            return right in self.actions[object_key]
        return not named and right in self.actions.get(models.EVERY_OBJECT, ())

    def scope(self, object_key: str, *, edit: bool) -> str:
        """How far the role reaches; nothing declared means own."""
        read_edit = self.scopes.get(object_key) or self.scopes.get(models.EVERY_OBJECT) or ("own", "own")
        return read_edit[1 if edit else 0]


@dataclass(frozen=True)
class Person:
    """One person's place in the company."""

    id: int
    department: int | None
    manager: int | None
    roles: tuple[int, ...]
    active: bool = True


@dataclass(frozen=True)
class Compiled:
    """People, departments and roles at one version."""

    version: int
    people: Mapping[int, Person]
    parents: Mapping[int, int | None]
    roles: Mapping[int, RoleRules]
    defaults: Mapping[str, str]
    granted: frozenset[str]
    """Objects with any grant at all: where there is none, no question needs to look at the grants."""
    policy: Policy = field(default_factory=Policy)
    memo: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What others have found out from these rights and keep for as long as they stand."""
    _tree: dict[int, frozenset[int]] = field(default_factory=dict, init=False, compare=False, repr=False)
    _people: dict[frozenset[int], frozenset[int]] = field(default_factory=dict, init=False, compare=False, repr=False)

    def above(self, department: int | None) -> frozenset[int]:
        """The department and all above it; a circle in the data does no harm."""
        found: set[int] = set()
        while department is not None and department not in found:
            found.add(department)
            department = self.parents.get(department)
        return frozenset(found)

    def departments_below(self, department: int) -> frozenset[int]:
        """The department and all below it."""
        if department not in self._tree:
            self._tree[department] = closure(department, self.parents)
        return self._tree[department]

    def people_in(self, departments: frozenset[int]) -> frozenset[int]:
        """Ids of the people in these departments."""
        if departments not in self._people:
            found = frozenset(person.id for person in self.people.values() if person.department in departments)
            self._people[departments] = found
        return self._people[departments]

    def reports_of(self, user: int) -> frozenset[int]:
        """The person and everybody below, by superior."""
        return closure(user, {person.id: person.manager for person in self.people.values()})


def closure(root: int, parents: Mapping[int, int | None]) -> frozenset[int]:
    """``root`` and everything below it in a tree given as child → parent; a circle in the data does no harm."""
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(child)
    found, pending = {root}, [root]
    while pending:
        for child in children.get(pending.pop(), ()):
            if child not in found:
                found.add(child)
                pending.append(child)
    return frozenset(found)


_compiled: dict[str, Compiled] = {}
_lock = threading.Lock()


def current() -> Compiled:
    """The current picture; compiled on first use."""
    found = _compiled.get(db.alias())
    return found if found is not None else _refresh(registry.versions().get("access", 0))


def ensure(number: int) -> None:
    """Compile anew if the database is at another version than the picture in memory."""
    found = _compiled.get(db.alias())
    if found is None or found.version != number:
        _refresh(number)


def forget() -> None:
    """Drop the picture."""
    with _lock:
        _compiled.clear()


def _refresh(number: int) -> Compiled:
    memberships: dict[int, list[int]] = {}
    for user, role in models.User.roles.through.objects.values_list("user_id", "role_id"):
        memberships.setdefault(user, []).append(role)
    roles = _roles()
    people = {
        pk: Person(
            pk, department, manager, tuple(r for r in memberships.get(pk, ()) if r in roles), active and not gone
        )
        for pk, department, manager, active, gone in models.User.objects.values_list(
            "pk", "department_id", "manager_id", "is_active", "deleted_at"
        )
    }
    built = Compiled(
        version=number,
        people=people,
        parents=dict(models.Department.objects.values_list("pk", "parent_id")),
        roles=roles,
        defaults=dict(models.ObjectDefault.objects.values_list("object", "level")),
        granted=_granted(),
        policy=policies.read(models.SecurityPolicy.objects.filter(pk=1).values_list("values", flat=True).first() or {}),
    )
    with _lock:
        _compiled[db.alias()] = built
    return built


def _roles() -> dict[int, RoleRules]:
    actions: dict[int, dict[str, set[str]]] = {}
    for role, key, right in models.RoleAction.objects.values_list("role_id", "object", "right"):
        actions.setdefault(role, {}).setdefault(key, set()).add(right)
    scopes: dict[int, dict[str, tuple[str, str]]] = {}
    for role, key, read, edit in models.RoleScope.objects.values_list("role_id", "object", "read", "edit"):
        scopes.setdefault(role, {})[key] = (read, edit)
        # An object with a scope is named, even without any right on it: "*" then does not reach it.
        actions.setdefault(role, {}).setdefault(key, set())
    fields: dict[int, dict[tuple[str, str], FieldRule]] = {}
    for row in models.RoleField.objects.all():
        fields.setdefault(row.role_id, {})[(row.object, row.field)] = FieldRule(row.level, row.mask)
    return {
        role: RoleRules(
            {key: frozenset(rights) for key, rights in actions.get(role, {}).items()},
            scopes.get(role, {}),
            fields.get(role, {}),
            requires_mfa,
            networks_in(networks),
            Label(name_en or name, name),
        )
        for role, requires_mfa, networks, name, name_en in models.Role.objects.filter(deleted_at=None).values_list(
            "pk", "requires_mfa", "networks", "name", "name_en"
        )
    }


def _granted() -> frozenset[str]:
    """Objects with grants, and those with a rule: its first grant may come with any change of a record."""
    rules = models.SharingRule.objects.filter(deleted_at=None, is_active=True)
    found = models.Grant.objects.order_by().values_list("object", flat=True).distinct()
    return frozenset(found) | frozenset(rules.values_list("object", flat=True))
