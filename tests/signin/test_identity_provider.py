"""The object “identity provider”: who may see and write it, and that its secrets never come back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import Role, RoleAction, User
from guanxi.access.setup import default_roles
from guanxi.engine import keys, write
from guanxi.engine.identity import mapping
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema import registry
from guanxi.schema.kinds.structured import HIDDEN
from tests.support import dump, people

pytestmark = pytest.mark.django_db
SECRET = "s3cr3t-of-the-client"
VALUES = {
    "name": "公司账号",
    "name_en": "Company",
    "kind": "oidc",
    "issuer": "https://login.example.com/o",
    "client_id": "guanxi",
    "client_secret": SECRET,
}


def make(**changes: Any) -> IdentityProvider:
    with write.change(people.program(), "test") as door:
        made = door.create("identity_provider", VALUES | changes)
    assert isinstance(made, IdentityProvider)
    return made


def stored(row: IdentityProvider) -> str:
    found: IdentityProvider = IdentityProvider.objects.get(pk=row.pk)
    return found.secret("client_secret")


@pytest.fixture
def root() -> User:
    return people.person("root", administrator=True)


@pytest.fixture
def page(root: User) -> Client:
    client = Client()
    assert client.login(username="root", password="root")
    return client


def form(client: Client, path: str) -> dict[str, str]:
    """What the edit form would send."""
    answer = client.get(path).content.decode()
    assert SECRET not in answer
    row = IdentityProvider.objects.get()
    kind = registry.get("identity_provider")
    texts = {key: field.kind.to_text(field.read(row)) for key, field in kind.fields.items() if field.writable}
    return {key: text for key, text in texts.items() if text != HIDDEN} | {"version": str(row.version)}


def test_the_secret_is_encrypted_at_rest_and_never_shown(page: Client, root: User) -> None:
    row = make()
    assert SECRET not in json.dumps(dump.database(), default=str)
    assert stored(row) == SECRET
    base = f"/o/identity_provider/{row.pk}"
    for path in (
        base,
        f"{base}/edit",
        f"{base}/peek",
        f"{base}/stream",
        f"{base}/cell/client_secret",
        "/o/identity_provider",
    ):
        answer = page.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.content.decode(), path
    assert 'type="password"' in page.get(f"{base}/edit").content.decode()
    _key, token = keys.issue(people.actor(root), "test")
    api = Client(headers={"Authorization": f"Bearer {token}"})
    for path in (f"/api/v1/identity_provider/{row.pk}", "/api/v1/identity_provider?fields=name,client_secret"):
        answer = api.get(path)
        assert SECRET not in answer.content.decode()
        assert HIDDEN in answer.content.decode()
    assert all(SECRET not in json.dumps(entry.changes) for entry in Entry.objects.all())


def test_an_empty_secret_on_the_form_keeps_the_old_one(page: Client) -> None:
    row = make()
    path = f"/o/identity_provider/{row.pk}/edit"
    sent = form(page, path) | {"name": "New name", "client_secret": ""}
    assert page.post(path, sent).status_code == 303
    assert IdentityProvider.objects.get().name == "New name"
    assert stored(row) == SECRET
    sent = form(page, path) | {"client_secret": "another"}
    assert page.post(path, sent).status_code == 303
    assert stored(row) == "another"
    assert page.post(f"/o/identity_provider/{row.pk}/cell/client_secret", {"client_secret": ""}).status_code == 200
    assert stored(row) == "another"


def test_a_refused_form_does_not_give_the_typed_secret_back(page: Client) -> None:
    row = make()
    path = f"/o/identity_provider/{row.pk}/edit"
    answer = page.post(
        path, form(page, path) | {"client_secret": "typed-just-now", "issuer": "http://login.example.com/"}
    )
    assert answer.status_code == 422
    assert "typed-just-now" not in answer.content.decode()
    assert stored(row) == SECRET


def test_sending_the_dots_back_through_the_api_keeps_the_secret(root: User) -> None:
    row = make()
    _key, token = keys.issue(people.actor(root), "test")
    api = Client(headers={"Authorization": f"Bearer {token}"})
    path = f"/api/v1/identity_provider/{row.pk}"
    got = api.get(path).json()
    sent = json.dumps({"client_secret": got["client_secret"], "name": "Changed"})
    assert api.patch(path, sent, content_type="application/json").status_code == 200
    assert stored(row) == SECRET
    assert api.patch(path, json.dumps({"client_secret": None}), content_type="application/json").status_code == 200
    assert stored(row) == ""


def test_only_those_who_administrate_see_it() -> None:
    row = make()
    for role in ("salesperson", "sales_manager", "auditor"):
        user = people.person(f"p_{role}", role)
        client = Client()
        assert client.login(username=user.username, password=user.username)
        assert client.get("/o/identity_provider").status_code in (403, 404)
        assert client.get(f"/o/identity_provider/{row.pk}").status_code in (403, 404)
        with pytest.raises((NotFound, Refused)), write.change(people.actor(user), "test") as door:
            door.act("identity_provider", row.pk, "try", {})


def delegate(*objects: str) -> User:
    """Somebody who may administrate these objects and nothing else."""
    with write.change(people.program(), "test") as door:
        role = door.create("role", {"name": "Delegate"})
    assert isinstance(role, Role)
    RoleAction.objects.bulk_create([RoleAction(role=role, object=key, right="administrate") for key in objects])
    user = people.person("delegate")
    user.roles.set([role])
    registry.bump("access")
    return user


def test_who_says_how_people_sign_in_must_hold_the_rights_over_people() -> None:
    row = make()
    actor = people.actor(delegate("identity_provider"))
    before = dump.database()
    with pytest.raises(Refused, match="administrate"), write.change(actor, "test") as door:
        door.update("identity_provider", row.pk, {"issuer": "https://evil.example/o"})
    assert dump.database() == before


def test_a_provider_gives_nobody_more_than_its_writer_holds() -> None:
    row = make()
    default_roles()
    actor = people.actor(delegate("identity_provider", "user", "role"))
    administrator = Role.objects.get(key="administrator")
    for values in (
        {"default_role": administrator.pk},
        {"group_roles": "all → administrator"},
        {"may_link_administrators": True},
    ):
        with pytest.raises(Invalid), write.change(actor, "test") as door:
            door.update("identity_provider", row.pk, values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"issuer": "http://login.example.com/o"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"client_id": None}, "client_id"),
        ({"group_roles": "no arrow here"}, "group_roles"),
        ({"group_roles": "sales → nobody-has-this-role"}, "group_roles"),
        ({"department_names": "x → Nowhere"}, "department_names"),
        ({"kind": "ldap", "server_url": "http://x", "base_dn": "dc=x"}, "server_url"),
        ({"kind": "ldap", "server_url": "ldap://x.example", "base_dn": "dc=x"}, "server_url"),
        ({"kind": "ldap", "server_url": "ldaps://x.example", "start_tls": True, "base_dn": "dc=x"}, "start_tls"),
        ({"kind": "ldap", "server_url": "ldaps://x.example", "base_dn": "dc=x", "user_filter": "uid=x"}, "user_filter"),
        ({"kind": "ldap", "server_url": "ldaps://x.example", "base_dn": "dc=x", "ca_certificate": "/etc/passwd"},
         "ca_certificate"),
        ({"kind": "ldap", "server_url": "ldaps://x.example"}, "base_dn"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_beside_its_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(**values)
    assert field in caught.value.fields
    assert not IdentityProvider.objects.exists()


def test_the_mapping_reads_keys_names_and_distinguished_names() -> None:
    roles = default_roles()
    text = "Sales -> salesperson\ncn=Leaders, ou=Groups,dc=x → Sales manager\n\nservice ⇒ 客服\ngone → no-such-role"
    found = mapping.roles_for(text, ["SALES", "CN=leaders,ou=groups, dc=x", "service", "gone", "unknown"])
    assert found == {roles[key].pk for key in ("salesperson", "sales_manager", "service_agent")}
    assert mapping.roles_for(text, ["sales manager", "salesperson"]) == set()
    east = people.department("East")
    assert mapping.department_for("e1 → East", "E1") == east.pk
    assert mapping.department_for(None, "east") == east.pk
    assert mapping.department_for(None, "West") is None
    people.department("East")
    assert mapping.department_for(None, "East") is None, "two departments have the name"


def test_the_issuer_stays_what_it_is_once_people_are_linked(root: User) -> None:
    row = make()
    person = people.person("li")
    now = row.created_at
    IdentityLink.objects.create(provider=row, subject="1", person=person, created_at=now, last_used_at=now)
    actor = people.actor(root)
    for values in ({"issuer": "https://other.example.com/o"}, {"subject_attribute": "uid"}):
        with pytest.raises(Invalid) as caught, write.change(actor, "test") as door:
            door.update("identity_provider", row.pk, values)
        assert "new one" in caught.value.fields[next(iter(values))][0]
    with write.change(actor, "test") as door:
        door.update("identity_provider", row.pk, {"name": "Renamed", "client_secret": "new"})


def test_a_provider_of_administrators_is_changed_by_administrators_alone(root: User) -> None:
    row = make()
    IdentityLink.objects.create(
        provider=row, subject="1", person=root, created_at=row.created_at, last_used_at=row.created_at
    )
    actor = people.actor(delegate("identity_provider", "user", "role"))
    with pytest.raises(Refused, match="Only an administrator"), write.change(actor, "test") as door:
        door.update("identity_provider", row.pk, {"client_id": "evil"})
