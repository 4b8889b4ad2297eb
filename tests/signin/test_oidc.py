"""Signing in through a real OpenID Connect provider: over HTTP, through both servers, as a browser goes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from pytest_django.live_server_helper import LiveServer

from guanxi.access.models import AuditEvent, User
from guanxi.engine import write
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Refused
from tests.signin.provider.running import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.support import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("oidc")]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("oidc")) as found:
        yield found


class Desk:
    """Our program in front of the provider: who signs in, and what came of it."""

    def __init__(self, live: LiveServer, server: Provider, row: IdentityProvider) -> None:
        self.base, self.server, self.row = live.url, server, row
        self.begin = f"{self.base}/signin/oidc/{row.pk}"
        self.callback = f"{self.begin}/callback"

    def enter(self, username: str, browser: requests.Session | None = None, next_page: str = "") -> requests.Response:
        """Go the whole way as this person; the last answer."""
        browser = browser or requests.Session()
        browser.headers.update(ENGLISH)
        asked = browser.get(self.begin, params={"next": next_page} if next_page else {}, timeout=30)
        if urlsplit(asked.url).path == "/login":
            asked = self.at_provider(browser, asked, username)
        return asked

    def at_provider(self, browser: requests.Session, asked: requests.Response, username: str, **more: Any) -> Any:
        """Fill in the provider's own form."""
        goal = parse_qs(urlsplit(asked.url).query)["next"][0]
        data = {"username": username, "next": goal}
        return browser.post(f"{self.server.address}/login", data=data, timeout=30, **more)

    def up_to_the_callback(self, browser: requests.Session, username: str) -> str:
        """Go until the provider sends the person back; the address it sends to, not visited yet."""
        browser.headers.update(ENGLISH)
        asked = browser.get(self.begin, timeout=30)
        answer = self.at_provider(browser, asked, username, allow_redirects=False)
        while not answer.headers["Location"].startswith(self.callback):
            answer = browser.get(
                f"{self.server.address}{answer.headers['Location']}", allow_redirects=False, timeout=30
            )
        return str(answer.headers["Location"])

    def is_in(self, browser: requests.Session) -> bool:
        """Whether the browser is signed in here."""
        return browser.get(f"{self.base}/", allow_redirects=False, timeout=30).status_code == 200

    def change(self, **values: Any) -> None:
        """Change the provider's row."""
        with write.change(people.program(), "test") as door:
            door.update("identity_provider", self.row.pk, values)


def row_for(issuer: str, **changes: Any) -> IdentityProvider:
    values = {
        "name": "公司账号",
        "name_en": "Company account",
        "kind": "oidc",
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "group_roles": "sales → salesperson\nleaders → sales_manager\nroot → administrator",
    }
    with write.change(people.program(), "test") as door:
        made = door.create("identity_provider", values | changes)
    assert isinstance(made, IdentityProvider)
    return made


@pytest.fixture
def desk(live_server: LiveServer, server: Provider) -> Desk:
    people.person("root", administrator=True)
    row = row_for(server.issuer)
    found = Desk(live_server, server, row)
    server.serves(found.callback)
    server.knows(
        "li", name="Li Na", email="li@corp.example", email_verified=True, department="East", groups=["sales", "unknown"]
    )
    return found


def roles(person: User) -> set[str]:
    return set(person.roles.values_list("key", flat=True))


def refused(response: requests.Response, *words: str) -> bool:
    """Whether the answer is our page with these words, and nobody was linked or made."""
    assert response.status_code == 403, response.text[:500]
    assert all(word in response.text for word in words), response.text
    return not IdentityLink.objects.exists()


def test_the_first_sign_in_makes_the_person_with_department_and_roles(desk: Desk) -> None:
    east = people.department("East")
    browser = requests.Session()
    last = desk.enter("li", browser, next_page="/o/account")
    assert last.url == f"{desk.base}/o/account"
    assert last.status_code == 200
    person = User.objects.get(username="li")
    assert (person.name, person.email, person.department_id) == ("Li Na", "li@corp.example", east.pk)
    assert roles(person) == {"salesperson"}
    assert not person.is_superuser
    assert not person.has_usable_password()
    assert Entry.objects.filter(object="user", record=person.pk, cause="sign_in").count() >= 3
    assert AuditEvent.objects.filter(event="signed_in", person=person).count() == 1
    assert desk.is_in(browser)


def test_the_second_finds_the_person_by_the_link_and_follows_the_groups(desk: Desk) -> None:
    desk.enter("li")
    person = User.objects.get(username="li")
    with write.change(people.program(), "test") as door:
        door.update("user", person.pk, {"username": "na", "email": "other@corp.example"})
    desk.server.knows("li", email="li@elsewhere.example", email_verified=False, groups=["leaders"])
    browser = requests.Session()
    desk.enter("li", browser)
    assert desk.is_in(browser)
    assert User.objects.count() == 2
    assert roles(person) == {"sales_manager"}
    assert User.objects.get(pk=person.pk).email == "other@corp.example"
    desk.change(renew=False)
    desk.server.knows("li", groups=[])
    desk.enter("li")
    assert roles(person) == {"sales_manager"}


def test_a_group_may_give_a_role_but_never_makes_an_administrator(desk: Desk) -> None:
    desk.server.knows("li", email="li@corp.example", email_verified=True, groups=["root"], is_superuser=True)
    desk.enter("li")
    person = User.objects.get(username="li")
    assert roles(person) == {"administrator"}
    assert not person.is_superuser


def test_a_verified_mail_links_the_one_person_who_has_it(desk: Desk) -> None:
    known = people.person("nana", "marketer")
    with write.change(people.program(), "test") as door:
        door.update("user", known.pk, {"email": "Li@Corp.Example"})
    browser = requests.Session()
    desk.enter("li", browser)
    assert desk.is_in(browser)
    assert IdentityLink.objects.get().person_id == known.pk
    assert not User.objects.filter(username="li").exists()


@pytest.mark.parametrize("verified", [False, None, "no", 0, "false"])
@pytest.mark.parametrize("exists", [True, False])
def test_an_unverified_mail_is_refused_and_links_nobody(desk: Desk, verified: Any, exists: bool) -> None:
    if exists:
        with write.change(people.program(), "test") as door:
            door.update("user", people.person("victim", "salesperson").pk, {"email": "victim@corp.example"})
    claims = {} if verified is None else {"email_verified": verified}
    desk.server.knows("mallory", email="victim@corp.example", **claims)
    browser = requests.Session()
    number = User.objects.count()
    assert refused(desk.enter("mallory", browser), "not verified")
    assert not desk.is_in(browser)
    assert User.objects.count() == number


def test_another_claim_than_email_is_never_verified(desk: Desk) -> None:
    desk.change(mail_claim="upn")
    desk.server.knows("mallory", upn="victim@corp.example", email="mallory@corp.example", email_verified=True)
    assert refused(desk.enter("mallory"), "not verified")


def test_nobody_waits_for_a_person_who_is_not_there_yet(desk: Desk) -> None:
    """Pre-registration takeover: an account made beforehand with somebody's address must not be theirs and the maker's."""
    desk.server.knows("mallory", email="future@corp.example", email_verified=False)
    desk.enter("mallory")
    desk.server.knows("future@corp.example", email="mallory@evil.example", email_verified=True)
    desk.enter("future@corp.example")
    assert not User.objects.filter(email="future@corp.example").exists()
    assert not User.objects.filter(username="future@corp.example").exists()
    desk.server.knows("future", email="future@corp.example", email_verified=True)
    browser = requests.Session()
    desk.enter("future", browser)
    assert desk.is_in(browser)
    assert IdentityLink.objects.get(person__username="future").person.email == "future@corp.example"
    mallory = requests.Session()
    desk.server.knows("mallory", email="future@corp.example", email_verified=True)
    desk.enter("mallory", mallory)
    assert not desk.is_in(mallory), "a second subject took over the person by mail"


@pytest.mark.parametrize("power", ["superuser", "role"])
def test_an_administrators_mail_is_not_linked_unless_the_provider_is_trusted_with_it(desk: Desk, power: str) -> None:
    boss = people.person(
        "boss", *([] if power == "superuser" else ["administrator"]), administrator=power == "superuser"
    )
    with write.change(people.program(), "test") as door:
        door.update("user", boss.pk, {"email": "li@corp.example"})
    assert refused(desk.enter("li"), "Administrators do not sign in through")
    desk.change(may_link_administrators=True)
    browser = requests.Session()
    desk.enter("li", browser)
    assert desk.is_in(browser)
    assert IdentityLink.objects.get().person_id == boss.pk


def test_a_mail_that_two_people_share_is_refused(desk: Desk) -> None:
    for name in ("one", "two"):
        with write.change(people.program(), "test") as door:
            door.update("user", people.person(name).pk, {"email": "li@corp.example"})
    assert refused(desk.enter("li"), "Several people")


@pytest.mark.parametrize("way", ["deactivated", "deleted"])
@pytest.mark.parametrize("linked", [True, False])
def test_whoever_left_stays_out(desk: Desk, way: str, linked: bool) -> None:
    if linked:
        desk.enter("li")
        person = User.objects.get(username="li")
    else:
        person = people.person("nana")
    with write.change(people.program(), "test") as door:
        door.update("user", person.pk, {"email": "li@corp.example"})
        if way == "deleted":
            door.delete("user", [person.pk])
        else:
            door.update("user", person.pk, {"is_active": False})
    browser = requests.Session()
    number = User.objects.count()
    last = desk.enter("li", browser)
    assert last.status_code == 403
    assert "deactivated" in last.text
    assert not desk.is_in(browser)
    assert User.objects.count() == number


def test_without_leave_to_create_only_known_people_get_in(desk: Desk) -> None:
    desk.change(create_people=False)
    assert refused(desk.enter("li"), "no account here yet")
    assert not User.objects.filter(username="li").exists()


def test_without_a_mail_nobody_is_made(desk: Desk) -> None:
    desk.server.knows("anonymous", name="Nobody")
    assert refused(desk.enter("anonymous"), "verified mail address is missing")


def test_a_callback_works_once_and_only_in_the_browser_that_began(desk: Desk) -> None:
    browser, thief = requests.Session(), requests.Session()
    back = desk.up_to_the_callback(browser, "li")
    thief.headers.update(ENGLISH)
    assert thief.get(back, timeout=30).status_code == 403
    assert not desk.is_in(thief)
    assert browser.get(back, timeout=30).status_code == 200
    assert desk.is_in(browser)
    browser.cookies.clear()
    again = browser.get(back, timeout=30)
    assert again.status_code == 403
    assert "did not work" in again.text
    assert not desk.is_in(browser)


def test_a_used_code_and_a_foreign_state_are_refused(desk: Desk) -> None:
    first, second = requests.Session(), requests.Session()
    used = parse_qs(urlsplit(desk.up_to_the_callback(first, "li")).query)
    first.get(desk.callback, params={"code": used["code"][0], "state": used["state"][0]}, timeout=30)
    assert desk.is_in(first)
    fresh = parse_qs(urlsplit(desk.up_to_the_callback(second, "li")).query)
    mixed = {"code": used["code"][0], "state": fresh["state"][0]}
    assert second.get(desk.callback, params=mixed, timeout=30).status_code == 403
    assert not desk.is_in(second)
    third, fourth = requests.Session(), requests.Session()
    stolen = parse_qs(urlsplit(desk.up_to_the_callback(third, "li")).query)
    own = parse_qs(urlsplit(desk.up_to_the_callback(fourth, "li")).query)
    # Another person's unused code under one's own state: PKCE binds the code to the browser that began.
    swapped = {"code": stolen["code"][0], "state": own["state"][0]}
    assert fourth.get(desk.callback, params=swapped, timeout=30).status_code == 403
    assert not desk.is_in(fourth)


def test_two_first_sign_ins_at_the_same_moment_make_one_person(desk: Desk) -> None:
    browsers = [requests.Session() for _number in range(4)]
    backs = [desk.up_to_the_callback(browser, "li") for browser in browsers]
    with ThreadPoolExecutor(len(browsers)) as pool:
        list(pool.map(lambda pair: pair[0].get(pair[1], timeout=60), zip(browsers, backs, strict=True)))
    assert all(desk.is_in(browser) for browser in browsers)
    assert User.objects.filter(email="li@corp.example").count() == 1
    assert IdentityLink.objects.count() == 1


def test_the_second_factor_is_asked_for_here_too(desk: Desk) -> None:
    desk.enter("li")
    TOTP.activate(User.objects.get(username="li"), generate_totp_secret())
    browser = requests.Session()
    last = desk.enter("li", browser)
    assert urlsplit(last.url).path == "/signin/second"
    assert not desk.is_in(browser)


FORGERIES = ("issuer", "audience", "party", "nonce", "expired", "signature", "none", "symmetric", "userinfo")


@pytest.mark.parametrize("tamper", FORGERIES)
def test_a_forged_token_is_refused(desk: Desk, tamper: str) -> None:
    desk.server.knows("forged", email="forged@corp.example", email_verified=True, tamper=tamper)
    browser = requests.Session()
    assert refused(desk.enter("forged", browser), "did not work")
    assert not desk.is_in(browser)
    assert not User.objects.filter(username="forged").exists()
    assert AuditEvent.objects.filter(event="sign_in_failed").exists()


def test_the_address_has_no_say_but_where_to_go(desk: Desk) -> None:
    browser = requests.Session()
    more = {"process": "connect", "auth_params": "nonce=x&redirect_uri=https://evil.example", "scope": "everything"}
    asked = browser.get(desk.begin, params=more, allow_redirects=False, timeout=30)
    sent = parse_qs(urlsplit(asked.headers["Location"]).query)
    assert sent["redirect_uri"] == [desk.callback]
    assert set(sent["scope"][0].split()) == {"openid", "profile", "email"}
    assert sent["nonce"] != ["x"]
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["response_type"] == ["code"]
    for goal in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert desk.enter("li", requests.Session(), next_page=goal).url.startswith(f"{desk.base}/")


@pytest.mark.parametrize("way", ["inactive", "deleted", "ldap", "unknown"])
def test_a_provider_that_is_not_offered_does_not_exist(desk: Desk, way: str) -> None:
    browser = requests.Session()
    back = desk.up_to_the_callback(browser, "li")
    if way == "inactive":
        desk.change(is_active=False)
    elif way == "deleted":
        with write.change(people.program(), "test") as door:
            door.delete("identity_provider", [desk.row.pk])
    elif way == "ldap":
        desk.change(kind="ldap", is_active=False)
    begin, callback = (
        (desk.begin, back) if way != "unknown" else (desk.begin + "9", desk.callback.replace("/ca", "9/ca"))
    )
    assert browser.get(begin, timeout=30).status_code == 404
    assert browser.get(callback, timeout=30).status_code == 404
    page = browser.get(f"{desk.base}/signin", timeout=30).text
    assert ("Company account" in page) == (way == "unknown")


@pytest.mark.parametrize(
    "path", ["/signup", "/accounts/signup/", "/accounts/social/signup/", "/oidc/1/login/", "/3rdparty/signup/"]
)
def test_there_is_no_sign_up(desk: Desk, path: str) -> None:
    people.person("somebody")
    browser = requests.Session()
    browser.headers.update(ENGLISH)
    answer = browser.get(f"{desk.base}{path}", timeout=30)
    assert answer.status_code == 404 or urlsplit(answer.url).path == "/signin"


def test_the_sign_in_page_offers_the_provider_and_keeps_the_goal(desk: Desk) -> None:
    page = requests.get(f"{desk.base}/signin?next=/o/task", headers=ENGLISH, timeout=30).text
    assert "Company account" in page
    assert f"/signin/oidc/{desk.row.pk}?next=%2Fo%2Ftask" in page
    chinese = requests.get(f"{desk.base}/signin", headers={"Accept-Language": "zh-CN"}, timeout=30).text
    assert "公司账号" in chinese


def test_a_server_that_is_not_the_issuer_or_not_there_is_said_in_words(desk: Desk) -> None:
    root = people.actor(User.objects.get(username="root"))

    def trying() -> str:
        with write.change(root, "test") as door:
            return door.act("identity_provider", desk.row.pk, "try", {}).message

    assert "publishes its keys" in trying()
    impostor = desk.server.issuer.replace("localhost", "127.0.0.1")
    for issuer, words in (("http://localhost:1/o", "cannot be reached"), (impostor, "does not answer as")):
        desk.change(issuer=issuer)
        with pytest.raises(Refused, match=words):
            trying()
        answer = requests.get(desk.begin, headers=ENGLISH, timeout=30)
        assert answer.status_code == 403
        assert "did not work" in answer.text
        assert answer.url == desk.begin
