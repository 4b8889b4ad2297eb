"""Who may import what: rights, scopes, closed fields, other people's records and imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guanxi.access import compiled
from guanxi.access.models import Role, RoleAction, RoleField, RoleScope, User
from guanxi.domains.customers.models import Contact
from guanxi.engine.importing import access, running
from guanxi.engine.importing.tables import Import, ImportRejection
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema import registry
from tests.domains.pipelines import create
from tests.engine.importing.bringing import brought, mapped, received
from tests.support import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def counts(found: Import) -> tuple[int, ...]:
    return tuple(found.state[key] for key in running.COUNTS)


def importer_role(*rights: str, **fields: str) -> User:
    """A person with these rights on contacts and accounts, own scope."""
    person = people.person("carrier")
    role = Role.objects.create(key="carrier", name="Carrier")
    for key in ("contact", "account"):
        for right in rights:
            RoleAction.objects.create(role=role, object=key, right=right)
        RoleScope.objects.create(role=role, object=key, read="own", edit="own")
    for key, level in fields.items():
        RoleField.objects.create(role=role, object="contact", field=key, level=level)
    person.roles.set([role])
    registry.bump("access")
    people.refreshed()
    compiled.ensure(registry.versions().get("access", 0))
    return person


def test_without_the_rights_nothing_is_kept() -> None:
    actor = people.actor(importer_role("read", "create", "edit"))
    with pytest.raises(Refused, match="Import"):
        received(actor, "contact", "name\nAnn\n")
    assert not Import.objects.exists()


def test_a_right_to_import_without_the_right_to_create_changes_only() -> None:
    actor = people.actor(importer_role("read", "import", "edit"))
    found = received(actor, "contact", "name\nAnn\n")
    with pytest.raises(Refused, match="Create"):
        mapped(actor, found, mode="create")
    with pytest.raises(Refused, match="Create"):
        mapped(actor, found, mode="upsert", key="name")
    mapped(actor, found, {"name": "name"}, mode="update", key="name")


def test_closed_fields_are_neither_offered_nor_taken() -> None:
    actor = people.actor(importer_role("read", "import", "create", "edit", email="read", mobile="hidden"))
    found = received(actor, "contact", "name,email,mobile\nAnn,a@example.com,n.a.\n")
    assert [one["field"] for one in found.mapping["columns"]] == ["name", "", ""]
    for key in ("email", "mobile", "created_at", "search_key", "nothing"):
        with pytest.raises(Invalid):
            mapped(actor, found, {"email": key})
        with pytest.raises(Invalid):
            mapped(actor, found, constants={key: "x"})
    with pytest.raises(Invalid):
        mapped(actor, found, {"mobile": "mobile"}, mode="upsert", key="mobile")


def test_records_of_others_are_neither_changed_nor_named() -> None:
    carrier = importer_role("read", "import", "create", "edit")
    other = people.person("someone")
    create("contact", name="Theirs", email="theirs@example.com", owner=other.pk)
    create("account", name="Their account", owner=other.pk)
    actor = people.actor(carrier)
    done = brought(actor, "contact", "name,email\nMine,theirs@example.com\n", mode="update", key="email")
    assert counts(done) == (0, 0, 0, 1)
    done = brought(actor, "contact", "name,account\nAnn,Their account\n")
    assert counts(done) == (0, 0, 0, 1)
    assert "that you may see" in ImportRejection.objects.latest("pk").reasons[0]["message"]
    done = brought(actor, "contact", f"name,owner\nGiven away,{other.name}\nKept,\n")
    assert counts(done) == (1, 0, 0, 1)
    assert Contact.objects.get(name="Theirs").version == 1


def test_another_persons_import_is_not_found() -> None:
    carrier, second = importer_role("read", "import", "create", "edit"), people.person("second", "sales_manager")
    found = received(people.actor(carrier), "contact", "name\nAnn\n")
    with pytest.raises(NotFound):
        access.get(people.actor(second), found.pk)
    administrator = people.actor(people.person("boss", administrator=True))
    assert access.get(administrator, found.pk).pk == found.pk
    with pytest.raises(Refused):
        access.own(administrator, found.pk)
