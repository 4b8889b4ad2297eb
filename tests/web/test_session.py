"""Signing in and out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from guanxi.access.policy import Policy
from tests.support import people

pytestmark = pytest.mark.django_db


def sign_in(client: Client, password: str = "lead", **more: str) -> Any:
    return client.post("/signin", {"username": "lead", "password": password, **more})


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back() -> None:
    people.person("lead", administrator=True)
    client = Client()
    response = client.get("/o/account?q=x")
    assert response.status_code == 302
    assert response.headers["Location"] == "/signin?next=%2Fo%2Faccount%3Fq%3Dx"
    response = sign_in(client, next="/o/account?q=x")
    assert response.headers["Location"] == "/o/account?q=x"
    assert client.get("/o/account?q=x").status_code == 200


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_the_way_back_never_leads_elsewhere(goal: str) -> None:
    people.person("lead", administrator=True)
    assert sign_in(Client(), next=goal).headers["Location"] == "/"


def test_a_wrong_password_is_said_without_saying_which_part_is_wrong() -> None:
    people.person("lead", administrator=True)
    known = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), "wrong")
    unknown = Client(HTTP_ACCEPT_LANGUAGE="en").post("/signin", {"username": "nobody", "password": "wrong"})
    sentence = "User name or password is wrong"
    assert known.status_code == unknown.status_code == 422
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()


def test_too_many_tries_have_to_wait_even_with_the_right_password() -> None:
    people.person("lead", administrator=True)
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    for _attempt in range(Policy().lockout_tries):
        sign_in(client, "wrong")
    response = sign_in(client)
    assert response.status_code == 422
    assert "Too many attempts" in response.content.decode()


def test_signing_out_takes_a_post(visitor: Client) -> None:
    assert visitor.get("/signout").status_code == 405
    assert visitor.post("/signout").headers["Location"] == "/signin"
    assert visitor.get("/").status_code == 302


def test_changes_need_the_token(visitor: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visitor.cookies
    for page in ("/preferences/quick", "/signout", "/language", "/o/account/new"):
        response = strict.post(page, {"key": "theme", "value": "dark"})
        assert response.status_code == 403, page
        assert "Guanxi" in response.content.decode() or "<h1>" in response.content.decode()


def test_our_script_hears_that_the_session_has_ended() -> None:
    people.person("lead", administrator=True)
    client = Client()
    answer = client.get("/notifications/unread", headers={"X-Guanxi": "1"})
    assert answer.status_code == 401
    assert answer.json()["message"]
    fragment = client.get(
        "/notifications", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/o/task"}
    )
    assert fragment.headers["HX-Redirect"] == "/signin?next=%2Fo%2Ftask"


def test_the_language_is_kept(visitor: Client) -> None:
    visitor.post("/language", {"language": "zh-hans", "next": "/o/account"})
    assert 'lang="zh-Hans"' in visitor.get("/o/account").content.decode()
    visitor.post("/language", {"language": "en"})
    page = visitor.get("/o/account").content.decode()
    assert 'lang="en"' in page
    assert "Accounts" in page
