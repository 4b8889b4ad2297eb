"""Second factors over HTTP: codes, recovery codes, and roles that ask for one. Passkeys are driven in the browser tests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from guanxi.access.models import Role, User
from guanxi.engine.write import change
from guanxi.project.cli import main
from tests.signin.conftest import enter, events, is_in, with_app
from tests.support import people

pytestmark = pytest.mark.django_db
SECOND = "/signin/second"


def code(secret: str, steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set up an app as a person does; its key and the recovery codes."""
    page = client.get("/preferences/security/app").content.decode()
    key = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert key
    secret = key[1].replace(" ", "")
    answer = client.post("/preferences/security/app", {"code": code(secret)})
    assert answer.headers["Location"] == "/preferences/security/codes", answer.content.decode()[-500:]
    codes = re.findall(r"<li><code>(\w+)</code>", client.get("/preferences/security/codes").content.decode())
    assert len(codes) == 10
    return secret, codes


def test_codes_of_an_app(li: User, door: Client) -> None:
    enter(door)
    secret, _codes = set_up(door)
    assert "mfa_changed" in events(li)
    assert secret not in str(Authenticator.objects.get(type="totp").data), "encrypted at rest"
    door.post("/signout")
    answer = enter(door, next="/o/account")
    assert answer.headers["Location"] == SECOND
    assert not is_in(door)
    assert door.get("/").status_code == 302
    assert door.get("/api/v1/account").status_code == 401
    assert "signed_in" not in events(li)[3:]
    assert door.get(SECOND).status_code == 200
    wrong = door.post(SECOND, {"code": "000000"})
    assert wrong.status_code == 422 and "not right" in wrong.content.decode()
    right = door.post(SECOND, {"code": code(secret, 1)})
    assert right.headers["Location"] == "/o/account"
    assert is_in(door)
    assert events(li)[-1] == "signed_in"


def test_a_code_works_once(li: User, door: Client) -> None:
    secret = with_app(li, door)
    shown = code(secret)
    enter(door)
    assert door.post(SECOND, {"code": shown}).headers["Location"] == "/"
    other = Client()
    enter(other)
    assert other.post(SECOND, {"code": shown}).status_code == 422


def test_guessing_codes_is_locked_even_in_new_sessions(li: User) -> None:
    secret = with_app(li, Client())
    for _attempt in range(8):
        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        enter(client)
        client.post(SECOND, {"code": "000000"})
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    enter(client)
    answer = client.post(SECOND, {"code": code(secret)})
    assert answer.status_code == 422 and "Too many" in answer.content.decode()
    assert "locked_out" in events(li)


def test_a_recovery_code_works_once(li: User, door: Client) -> None:
    enter(door)
    _secret, codes = set_up(door)
    for expected in (302, 422):
        client = Client()
        enter(client)
        assert client.post(SECOND, {"code": codes[3]}).status_code == expected
    download = door.get("/preferences/security/codes/download")
    assert "attachment" in download.headers["Content-Disposition"]
    assert codes[3] not in download.content.decode() and codes[4] in download.content.decode()
    door.post("/preferences/security/codes/new")
    client = Client()
    enter(client)
    assert client.post(SECOND, {"code": codes[4]}).status_code == 422, "new codes make the old ones useless"


def test_changing_factors_asks_again_who_it_is(li: User, door: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    enter(door)
    secret, _codes = set_up(door)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 3600)
    for path in ("codes", "codes/download", "app", "passkeys/add", "keys/new"):
        answer = door.get(f"/preferences/security/{path}")
        if path == "app":
            continue
        assert answer.headers["Location"].startswith("/preferences/confirm?next="), path
    answer = door.post("/preferences/security/app/remove")
    assert answer.headers["Location"].startswith("/preferences/confirm?")
    assert Authenticator.objects.filter(type="totp").exists()
    wrong = door.post("/preferences/confirm", {"password": "guess", "next": "/preferences/security/codes"})
    assert wrong.status_code == 422
    right = door.post("/preferences/confirm", {"password": "li", "next": "/preferences/security/codes"})
    assert right.headers["Location"] == "/preferences/security/codes"
    assert door.get("/preferences/security/codes").status_code == 200
    assert door.post("/preferences/confirm", {"password": "li", "next": "//evil.example"}).headers["Location"] == "/"
    assert door.post("/preferences/confirm/code", {"code": code(secret)}).status_code == 302
    assert door.post("/preferences/security/app/remove").status_code == 303
    assert not Authenticator.objects.exists(), "recovery codes go with the last factor"


@pytest.fixture
def demanding(li: User) -> Role:
    """Li's role asks for a second factor."""
    role = li.roles.get()
    with change(people.program(), "test") as door:
        door.update("role", role.pk, {"requires_mfa": True})
    people.refreshed()
    assert isinstance(role, Role)
    return role


def test_a_role_that_asks_for_a_factor_opens_nothing_without(li: User, demanding: Role, door: Client) -> None:
    assert enter(door).status_code == 302
    setup = "/preferences/security/setup"
    for path in ("/", "/o/account", "/preferences", "/preferences/security", "/preferences/security/keys/new"):
        assert door.get(path).headers["Location"] == setup, path
    for path in ("/api/v1/account", "/api/v1/me", "/api/v1/keys"):
        assert door.get(path).status_code == 403, path
    assert door.post("/preferences/password", {"old_password": "li"}).status_code == 302
    assert door.get("/palette", headers={"HX-Request": "true"}).headers["HX-Redirect"] == setup
    page = door.get(setup).content.decode()
    assert "Your company asks" in page and 'class="side' not in page
    set_up(door)
    assert is_in(door)
    assert door.get("/api/v1/me").status_code == 200
    answer = door.post("/preferences/security/app/remove")
    assert answer.status_code == 403, "the last factor stays"
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_company_can_ask_everybody(li: User, door: Client, policy: Callable[..., None]) -> None:
    enter(door)
    assert is_in(door)
    policy(mfa_everybody=True)
    assert door.get("/").headers["Location"] == "/preferences/security/setup", "at once, not at the next sign-in"


def test_the_command_line_removes_lost_factors(li: User, door: Client) -> None:
    with_app(li, door)
    assert main(["unlock", "--username", "li", "--factors"]) == 0
    assert enter(door).headers["Location"] == "/"


def test_a_reset_by_link_does_not_go_round_the_factor(li: User, door: Client) -> None:
    from guanxi.web.account.invitations import link_for

    with_app(li, door)
    fields = {"new_password1": "Spring-rain-2026", "new_password2": "Spring-rain-2026"}
    assert door.post(link_for(li), fields).headers["Location"] == SECOND
    assert not is_in(door)


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "1",
        "[]",
        "{}",
        '"x"',
        "null",
        '{"response":1}',
        '{"id":"x","rawId":"x","type":"public-key","response":{"userHandle":"AA"}}',
    ],
)
def test_credentials_that_no_browser_sends_are_refused(li: User, door: Client, credential: str) -> None:
    door.get("/signin/passkey", headers={"Accept": "application/json"})
    assert door.post("/signin/passkey", {"credential": credential}).status_code == 422
    with_app(li, door)
    enter(door)
    assert door.post(SECOND, {"credential": credential}).status_code == 422
    assert door.post(SECOND, {}).status_code == 422
    enter(door)
    other = Client()
    people.person("wang")
    enter(other, "wang")
    assert other.get("/preferences/security/passkeys/add").status_code == 200
    assert other.post("/preferences/security/passkeys/add", {"credential": credential, "name": "x"}).status_code == 422
    assert not is_in(door)
