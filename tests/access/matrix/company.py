"""The people of the matrix: departments, roles, grants' receivers and the ways in which they come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from guanxi.access.models import Role, RoleAction, RoleScope, User
from guanxi.engine import keys, write
from guanxi.engine.models import ApiKey
from guanxi.kernel import clock
from guanxi.schema import registry
from tests.access.model import Model, ModelPerson, ModelRole
from tests.support import people

EVERYTHING = frozenset(
    (
        *("read", "create", "edit", "delete", "restore", "assign", "merge", "import", "export", "print"),
        *("mass_update", "change_state", "share", "administrate"),
    )
)
READING = frozenset({"read", "export", "print"})
WORK = EVERYTHING - {"merge", "import", "administrate"}

ROLES: dict[str, tuple[dict[str, Iterable[str]], tuple[str, str]]] = {
    "seller": ({"*": WORK}, ("own", "own")),
    "team": ({"*": WORK}, ("department", "own")),
    "lead": ({"*": WORK}, ("department_tree", "department_tree")),
    "chief": ({"*": WORK}, ("reports", "reports")),
    "auditor": ({"*": READING, "audit_event": READING}, ("all", "own")),
    "officer": ({"*": {"read", "create", "edit"}, "user": {"administrate"}}, ("own", "own")),
    "everything": ({"*": EVERYTHING}, ("all", "all")),
    "nothing": ({}, ("own", "own")),
    "spare": ({}, ("own", "own")),
}
"""Rights by object, and how far they reach for reading and for editing."""

DEPARTMENTS = {"company": None, "sales": "company", "team": "sales", "service": "company", "staff": "company"}

PEOPLE: dict[str, tuple[str, str, str]] = {
    # name: department, role, superior
    "chief": ("staff", "chief", ""),
    "superior": ("sales", "lead", ""),
    "owner": ("team", "seller", "chief"),
    "colleague": ("team", "team", ""),
    "other": ("service", "team", ""),
    "auditor": ("staff", "auditor", ""),
    "officer": ("staff", "officer", ""),
    "reader": ("staff", "team", ""),
    "writer": ("staff", "team", ""),
    "expired": ("staff", "team", ""),
    "deactivated": ("team", "everything", ""),
    "boss": ("company", "nothing", ""),
    "plain": ("team", "team", ""),
    "second_boss": ("company", "nothing", ""),
}
ADMINISTRATORS = ("boss", "second_boss")

PERSONAS = (
    *("owner", "colleague", "other", "superior", "chief", "auditor", "officer", "reader", "writer", "expired"),
    *("boss", "observer", "deactivated", "anonymous"),
    *("key", "reading_key", "ended_key", "key_of_deactivated"),
)
"""``observer`` is an administrator who looks as the owner; ``key`` and ``reading_key`` are keys of the owner."""


@dataclass
class Asker:
    """Somebody who sends requests: as whom the rules see them, and with which browser."""

    name: str
    person: int | None
    """Whose rights count; ``None`` when nobody may be recognised."""
    way: str
    """``session``, ``key`` or ``none``."""
    client: Client
    limit: frozenset[str] | None = None
    """All that a key, or looking as somebody else, leaves of the person's rights."""
    observing: bool = False


@dataclass
class Company:
    """Everybody, in the database and as a model."""

    model: Model
    people: dict[str, int] = field(default_factory=dict)
    departments: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    askers: dict[str, Asker] = field(default_factory=dict)


def found() -> Company:
    """A company with its people, who have not signed in yet."""
    company = Company(Model({}, {}, {}, {}, {}))
    with write.change(people.program(), "test") as door:
        for name, parent in DEPARTMENTS.items():
            above = company.departments[parent] if parent else None
            made = door.create("department", {"name": f"Department {name}", "parent": above})
            company.departments[name] = made.pk
            company.model.departments[made.pk] = above
    for name, (rights, scopes) in ROLES.items():
        company.roles[name] = _role(company, name, rights, scopes)
    for name, (department, role, manager) in PEOPLE.items():
        _person(company, name, department, role, manager)
    registry.bump("access")
    people.refreshed()
    return company


def _role(company: Company, name: str, rights: dict[str, Iterable[str]], scopes: tuple[str, str]) -> int:
    with write.change(people.program(), "test") as door:
        role = door.create("role", {"name": f"Role {name}", "name_en": f"Role {name}"}).pk
    RoleAction.objects.bulk_create(
        RoleAction(role_id=role, object=key, right=right) for key, held in rights.items() for right in held
    )
    RoleScope.objects.create(role_id=role, object="*", read=scopes[0], edit=scopes[1])
    company.model.roles[role] = ModelRole({key: set(held) for key, held in rights.items()}, {"*": scopes})
    return int(role)


def _person(company: Company, name: str, department: str, role: str, manager: str) -> None:
    place, above = company.departments[department], company.people.get(manager)
    values: dict[str, Any] = {"username": name, "name": f"Person {name}", "department": place, "manager": above}
    with write.change(people.program(), "test") as door:
        user = door.create("user", {**values, "is_superuser": name in ADMINISTRATORS})
    assert isinstance(user, User)
    user.set_password(name)
    user.preferences = {"language": "en"}
    user.save()
    user.roles.set(Role.objects.filter(pk=company.roles[role]))
    company.people[name] = user.pk
    company.model.people[user.pk] = ModelPerson(
        user.pk, place, above, [company.roles[role]], administrator=name in ADMINISTRATORS
    )


def arrive(company: Company) -> None:
    """Everybody signs in; then one is deactivated, one key ends, and the administrator begins to look as the owner."""
    owner = company.people["owner"]
    for name in PERSONAS:
        if name in company.people:
            company.askers[name] = Asker(name, company.people[name], "session", _signed_in(name))
    company.askers["anonymous"] = Asker("anonymous", None, "none", _client())
    looking = _signed_in("second_boss")
    assert looking.post(f"/admin/people/{owner}/see-as").status_code in (302, 303)
    company.askers["observer"] = Asker("observer", owner, "session", looking, limit=frozenset({"read"}), observing=True)
    everything: frozenset[str] | None = None
    for name, whose, rights in (
        ("key", "owner", everything),
        ("reading_key", "owner", frozenset({"read"})),
        ("ended_key", "owner", everything),
        ("key_of_deactivated", "deactivated", everything),
    ):
        client = _with_key(company, name, whose, rights)
        lost = name in ("ended_key", "key_of_deactivated")
        company.askers[name] = Asker(name, None if lost else owner, "key", client, limit=rights)
    ApiKey.objects.filter(pk=company.keys["ended_key"]).update(expires_at=clock.now())
    # Not by the program's own way of deactivating, which revokes keys as well: the sign-in alone must already stop it.
    User.objects.filter(pk=company.people["deactivated"]).update(is_active=False)
    company.askers["deactivated"].person = None
    registry.bump("access")
    people.refreshed()


def _client(**headers: str) -> Client:
    return Client(raise_request_exception=False, headers=headers)


def _signed_in(name: str) -> Client:
    client = _client()
    assert client.post("/signin", {"username": name, "password": name}).status_code == 302
    assert client.get("/notifications/unread").status_code == 200
    return client


def _with_key(company: Company, name: str, whose: str, rights: frozenset[str] | None) -> Client:
    actor = people.actor(User.objects.get(pk=company.people[whose]))
    key, secret = keys.issue(actor, name, sorted(rights or ()))
    company.keys[name] = key.pk
    client = _client(Authorization=f"Bearer {secret}")
    # The first use of a key is kept; here, so that the requests that are measured write nothing for it.
    assert client.get("/api/v1/me").status_code == 200
    return client
