"""Signing in with the password of a directory: a real OpenLDAP server, asked through the sign-in page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from guanxi.access.models import AuditEvent, User
from guanxi.access.setup import default_roles
from guanxi.engine import write
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Invalid, Refused
from guanxi.web.account import links
from tests.signin.directory_server import BASE, READER, READER_PASSWORD, DirectoryServer, running
from tests.support import people

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("ldap")]


def entry(uid: str, mail: str, *more: str, name: str = "") -> str:
    lines = [
        *(f"dn: uid={uid},ou=people,{BASE}", "objectClass: inetOrgPerson", f"uid: {uid}", f"sn: {uid}"),
        *(f"cn: {name or uid}", f"mail: {mail}", f"userPassword: {uid}-secret", *more),
    ]
    return "\n".join(lines)


def group(name: str, *members: str) -> str:
    inside = [f"member: uid={uid},ou=people,{BASE}" for uid in members]
    return "\n".join([f"dn: cn={name},ou=groups,{BASE}", "objectClass: groupOfNames", f"cn: {name}", *inside])


PEOPLE = "\n\n".join(
    [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: corp\no: Corp",
        f"dn: ou=people,{BASE}\nobjectClass: organizationalUnit\nou: people",
        f"dn: ou=groups,{BASE}\nobjectClass: organizationalUnit\nou: groups",
        entry(
            "li", "li@corp.example", "ou: east", "telephoneNumber: +86 138 0013 8000", "employeeType: vip", name="Li Na"
        ),
        entry("zhou", "zhou@corp.example", "ou: Finance"),
        entry("gone", "gone@corp.example"),
        entry("boss", "boss@corp.example"),
        entry("twin", "twin@corp.example"),
        entry("taken", "taken@corp.example"),
        entry("odd(*)\\\\name", "odd@corp.example").replace("uid=odd(*)\\\\name", "uid=odd"),
        group("sales", "li", "zhou"),
        group("leaders", "zhou"),
    ]
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with running(tmp_path_factory.mktemp("ldap"), PEOPLE) as found:
        yield found


@pytest.fixture(autouse=True)
def _no_tries() -> None:
    cache.clear()


@pytest.fixture
def provider(server: DirectoryServer) -> IdentityProvider:
    people.person("root", administrator=True)
    return make(server)


def make(server: DirectoryServer, **changes: Any) -> IdentityProvider:
    values = {
        "name": "公司目录",
        "name_en": "Directory",
        "kind": "ldap",
        "server_url": server.encrypted,
        "ca_certificate": server.authority,
        "bind_dn": READER,
        "bind_password": READER_PASSWORD,
        "base_dn": f"ou=people,{BASE}",
        "group_base_dn": f"ou=groups,{BASE}",
        "group_roles": f"sales → salesperson\ncn=leaders, ou=groups,{BASE} -> sales_manager\nghosts -> marketer",
    }
    with write.change(people.program(), "test") as door:
        made = door.create("identity_provider", values | changes)
    assert isinstance(made, IdentityProvider)
    return made


def change(provider: IdentityProvider, **values: Any) -> None:
    with write.change(people.program(), "test") as door:
        door.update("identity_provider", provider.pk, values)


def attempt(username: str, password: str | None = None, client: Client | None = None) -> Any:
    client = client or Client(HTTP_ACCEPT_LANGUAGE="en")
    given = f"{username}-secret" if password is None else password
    return client.post("/signin", {"username": username, "password": given})


def let_in(response: Any) -> bool:
    inside = response.status_code in (302, 303) and not response.headers["Location"].startswith("/signin")
    assert inside == ("_auth_user_id" in response.client.session)
    return inside


def roles(username: str) -> set[str]:
    return set(User.objects.get(username=username).roles.values_list("key", flat=True))


def test_the_first_sign_in_makes_the_person_with_roles_and_department(provider: IdentityProvider) -> None:
    east, finance = people.department("East"), people.department("Finance")
    change(provider, department_names="east → East")
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert let_in(attempt("li", client=client))
    assert client.get("/").status_code == 200
    person = User.objects.get(username="li")
    assert (person.name, person.email, person.phone) == ("Li Na", "li@corp.example", "+8613800138000")
    assert person.department_id == east.pk
    assert roles("li") == {"salesperson"}
    assert not person.is_superuser
    assert not person.has_usable_password()
    assert let_in(attempt("zhou"))
    assert roles("zhou") == {"salesperson", "sales_manager"}
    assert User.objects.get(username="zhou").department_id == finance.pk
    assert Entry.objects.filter(object="user", record=person.pk, cause="sign_in", verb="created").exists()
    assert Entry.objects.filter(object="user", record=person.pk, cause="sign_in", verb="roles_changed").exists()
    assert AuditEvent.objects.filter(event="permission_changed", record=person.pk).count() == 2


def test_the_second_sign_in_finds_the_person_by_the_link_and_renews_the_roles(provider: IdentityProvider) -> None:
    assert let_in(attempt("li"))
    person = User.objects.get(username="li")
    person.roles.set([default_roles()["marketer"]])
    with write.change(people.program(), "test") as door:
        door.update("user", person.pk, {"username": "li.na", "email": "changed@corp.example"})
    assert let_in(attempt("li"))
    assert roles("li.na") == {"salesperson"}
    assert User.objects.filter(email="li@corp.example").count() == 0
    change(provider, renew=False)
    person.roles.set([default_roles()["marketer"]])
    assert let_in(attempt("li"))
    assert roles("li.na") == {"marketer"}


def test_groups_may_also_be_an_attribute_of_the_person(provider: IdentityProvider) -> None:
    change(provider, group_base_dn=None, groups_attribute="employeeType", group_roles="VIP → Service agent")
    assert let_in(attempt("li"))
    assert roles("li") == {"service_agent"}


@pytest.mark.parametrize("password", ["wrong", "", " ", "LI-SECRET", "x" * 100_000])
def test_a_wrong_or_empty_password_opens_nothing(provider: IdentityProvider, password: str) -> None:
    assert let_in(attempt("li"))
    assert not let_in(attempt("li", password))
    assert IdentityLink.objects.count() == 1


@pytest.mark.parametrize(
    "username",
    [
        "*",
        "*)(uid=*",
        "li)(|(uid=*",
        "l*",
        "li)(objectClass=*)",
        "*)(|(objectClass=*",
        "li\x00",
        "odd(*)\\name*",
        "nobody",
    ],
)
def test_a_user_name_is_never_a_filter(provider: IdentityProvider, username: str) -> None:
    for password in ("li-secret", "odd-secret"):
        assert not let_in(attempt(username, password))
    assert IdentityLink.objects.count() == 0


def test_a_user_name_with_the_signs_of_filters_is_found_as_it_is(provider: IdentityProvider) -> None:
    assert let_in(attempt("odd(*)\\\\name", "odd(*)\\\\name-secret"))


def test_a_mail_that_one_person_has_links_and_the_local_password_ends(provider: IdentityProvider) -> None:
    known = people.person("nana", "marketer")
    with write.change(people.program(), "test") as door:
        door.update("user", known.pk, {"email": "LI@corp.example"})
    assert let_in(attempt("nana", "nana"))
    assert let_in(attempt("li"))
    assert IdentityLink.objects.get().person_id == known.pk
    assert not User.objects.filter(username="li").exists()
    assert roles("nana") == {"salesperson"}
    assert not let_in(attempt("nana", "nana"))


def test_no_link_sets_a_password_for_somebody_of_the_directory(provider: IdentityProvider) -> None:
    known = people.person("nana", "marketer")
    with write.change(people.program(), "test") as door:
        door.update("user", known.pk, {"email": "li@corp.example"})
    for purpose in (links.FORGOTTEN, links.INVITATION):
        assert links.person_of(links.token(User.objects.get(pk=known.pk), purpose), purpose) == known
    assert let_in(attempt("li"))
    known = User.objects.get(pk=known.pk)
    for purpose, path in ((links.FORGOTTEN, "reset"), (links.INVITATION, "invited")):
        answer = Client().get(f"/signin/{path}/{links.token(known, purpose)}")
        assert answer.headers["Location"] == "/signin?wrong=link"


def test_a_mail_that_two_people_have_links_nobody(provider: IdentityProvider) -> None:
    for name in ("one", "two"):
        with write.change(people.program(), "test") as door:
            door.update("user", people.person(name).pk, {"email": "twin@corp.example"})
    response = attempt("twin")
    assert not let_in(response)
    assert "Several people" in response.content.decode()
    assert not IdentityLink.objects.exists()


@pytest.mark.parametrize("power", ["superuser", "role"])
def test_a_mail_never_opens_an_administrators_account_unless_trusted(provider: IdentityProvider, power: str) -> None:
    boss = people.person(
        "chief", *([] if power == "superuser" else ["administrator"]), administrator=power == "superuser"
    )
    with write.change(people.program(), "test") as door:
        door.update("user", boss.pk, {"email": "boss@corp.example"})
    response = attempt("boss")
    assert not let_in(response)
    assert "Administrators do not sign in through" in response.content.decode()
    assert let_in(attempt("chief", "chief"))
    change(provider, may_link_administrators=True)
    assert let_in(attempt("boss"))
    assert IdentityLink.objects.get().person_id == boss.pk


@pytest.mark.parametrize("way", ["deactivated", "deleted"])
@pytest.mark.parametrize("linked", [True, False])
def test_whoever_left_stays_out(provider: IdentityProvider, way: str, linked: bool) -> None:
    if linked:
        assert let_in(attempt("gone"))
        person = User.objects.get(username="gone")
    else:
        person = people.person("before")
    with write.change(people.program(), "test") as door:
        door.update("user", person.pk, {"email": "gone@corp.example"})
        if way == "deleted":
            door.delete("user", [person.pk])
        else:
            door.update("user", person.pk, {"is_active": False})
    number = User.objects.count()
    response = attempt("gone")
    assert not let_in(response)
    assert "deactivated" in response.content.decode()
    assert User.objects.count() == number
    assert not User.objects.get(pk=person.pk).is_active or way == "deleted"


def test_a_taken_user_name_is_not_taken_over(provider: IdentityProvider) -> None:
    people.person("taken", "salesperson")
    response = attempt("taken")
    assert not let_in(response)
    assert "is taken here" in response.content.decode()
    assert let_in(attempt("taken", "taken"))


def test_nobody_is_made_where_the_provider_does_not_make_people(provider: IdentityProvider) -> None:
    change(provider, create_people=False)
    response = attempt("li")
    assert not let_in(response)
    assert "no account here yet" in response.content.decode()
    assert not User.objects.filter(username="li").exists()


def test_a_refused_first_sign_in_changes_nothing(provider: IdentityProvider) -> None:
    before = Entry.objects.count(), User.objects.count()
    change(provider, create_people=False)
    entries = Entry.objects.count()
    attempt("li")
    assert (Entry.objects.count(), User.objects.count()) == (entries, before[1])
    assert AuditEvent.objects.filter(event="refused", name="li").exists()


def test_start_tls(provider: IdentityProvider, server: DirectoryServer) -> None:
    change(provider, server_url=server.plain, start_tls=True)
    assert let_in(attempt("li"))


@pytest.mark.parametrize("way", ["ldaps", "starttls"])
@pytest.mark.parametrize("fault", ["authority", "name"])
def test_an_unverified_server_is_not_believed(
    provider: IdentityProvider, server: DirectoryServer, way: str, fault: str
) -> None:
    url, start_tls = (server.encrypted, False) if way == "ldaps" else (server.plain, True)
    changes: dict[str, Any] = {"server_url": url, "start_tls": start_tls}
    if fault == "authority":
        changes["ca_certificate"] = None
    else:
        changes["server_url"] = url.replace("localhost", "127.0.0.1")  # the certificate is for the name alone
    change(provider, **changes)
    response = attempt("li")
    assert not let_in(response)
    assert "cannot be reached" in response.content.decode()


@pytest.mark.parametrize("fault", ["down", "search account", "base"])
def test_without_the_directory_words_are_said_and_local_people_get_in(
    provider: IdentityProvider, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    changes = {
        "down": {"server_url": "ldaps://localhost:1"},
        "search account": {"bind_password": "wrong"},
        "base": {"base_dn": "ou=nowhere"},
    }
    change(provider, **changes[fault])
    response = attempt("li")
    assert not let_in(response)
    if fault != "base":
        assert "“Directory” cannot be reached" in response.content.decode()
        assert "could not be asked" in caplog.text
        assert "li-secret" not in caplog.text
        assert READER_PASSWORD not in caplog.text
    assert let_in(attempt("root", "root"))


def test_an_inactive_directory_is_not_asked(provider: IdentityProvider) -> None:
    change(provider, is_active=False)
    assert not let_in(attempt("li"))


def test_trying_it_out_says_in_words_what_is_wrong(provider: IdentityProvider) -> None:
    root = people.actor(User.objects.get(username="root"))

    def trying() -> str:
        with write.change(root, "test") as door:
            return door.act("identity_provider", provider.pk, "try", {}).message

    assert "knows people" in trying()
    for changes, words in (
        ({"base_dn": f"ou=groups,{BASE}"}, "finds nobody"),
        ({"bind_password": "wrong"}, "search account is refused"),
        ({"ca_certificate": None}, "certificate"),
    ):
        change(provider, **changes)
        with pytest.raises(Refused, match=words):
            trying()


def test_passwords_never_travel_unencrypted(server: DirectoryServer) -> None:
    with pytest.raises(Invalid) as caught:
        make(server, server_url="ldap://ldap.example.com", start_tls=False)
    assert "unencrypted" in caught.value.fields["server_url"][0]


def test_guessing_is_locked_out_for_directories_too(provider: IdentityProvider) -> None:
    for _number in range(12):
        attempt("li", "wrong")
    assert not let_in(attempt("li"))
