"""People with roles, for permission tests."""

from __future__ import annotations

from django.utils import translation

from guanxi.access import compiled
from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import Department, Role, User
from guanxi.access.setup import default_roles
from guanxi.engine import write
from guanxi.schema import registry


def program() -> Actor:
    """The program itself."""
    with translation.override("en"):
        return Actor.program()


def refreshed() -> None:
    """Take up what changed in the database, as every request does."""
    versions = registry.versions()
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))


def department(name: str, parent: Department | None = None) -> Department:
    """A new department."""
    with write.change(program(), "test") as door:
        made = door.create("department", {"name": name, "parent": parent.pk if parent else None})
    assert isinstance(made, Department)
    return made


def person(
    username: str,
    *roles: str,
    department: Department | None = None,
    manager: User | None = None,
    administrator: bool = False,
) -> User:
    """A new person with shipped roles, reading English; the password is the user name."""
    known: dict[str, Role] = default_roles()
    values = {
        "username": username,
        "name": f"Person {username}",
        "department": department.pk if department else None,
        "manager": manager.pk if manager else None,
        "is_superuser": administrator,
    }
    with write.change(program(), "test") as door:
        made = door.create("user", values)
    assert isinstance(made, User)
    made.set_password(username)
    made.preferences = {"language": "en"}
    made.save()
    made.roles.set([known[role] for role in roles])
    registry.bump("access")
    refreshed()
    return made


def actor(user: User) -> Actor:
    """The actor of a person as the next request will see it."""
    refreshed()
    return actor_for(User.objects.get(pk=user.pk))
