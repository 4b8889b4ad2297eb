"""Every page of signing in: nothing inline, nothing kept, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.web.account.invitations import link_for
from tests.signin.conftest import enter, with_app
from tests.web.test_headers import Inline

pytestmark = pytest.mark.django_db
SIGNED_IN = (
    *("/preferences", "/preferences/security", "/preferences/security/app", "/preferences/security/passkeys/add"),
    *("/preferences/security/keys/new", "/preferences/confirm"),
)


def check(client: Client, path: str, language: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == status, path
    body = answer.content.decode()
    parser = Inline()
    parser.feed(body)
    assert parser.found == [], path
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"], path
    assert ("zh-Hans" if language == "zh-CN" else 'lang="en"') in body
    return body


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_pages_before_signing_in(li: User, language: str) -> None:
    for path in ("/signin", "/signin/forgotten", link_for(li), "/signin?wrong=link"):
        check(Client(), path, language)
    with_app(li, Client())
    client = Client()
    enter(client)
    check(client, "/signin/second", language)


def test_pages_of_a_signed_in_person(li: User, policy: Callable[..., None]) -> None:
    client = Client()
    enter(client)
    for path in SIGNED_IN:
        check(client, path, "en")
    client.post("/preferences/security/keys/new", {"name": "K", "days": "30", "reach": "some", "rights": ["read"]})
    assert "K" in check(client, "/preferences/security", "en")
    policy(mfa_everybody=True)
    for path in ("/preferences/security/setup", "/preferences/security/app", "/preferences/security/passkeys/add"):
        assert "menu-person" not in check(client, path, "en"), path
    with_app(li, client)
    check(client, "/preferences/confirm/code", "en")
    policy(networks=["10.0.0.0/8"])
    check(client, "/", "en", 403)


def test_pages_of_second_factors_need_somebody(door: Client) -> None:
    assert door.get("/signin/second").headers["Location"] == "/signin"
    assert door.get("/signin/renew").status_code == 302
    assert door.get("/preferences/security").headers["Location"].startswith("/signin?next=")
    assert door.get("/signin/passkey").headers["Location"] == "/signin"
    for path in ("/preferences/security/codes/new", "/preferences/security/app/remove"):
        assert door.post(path).status_code == 302, path
