"""People at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from guanxi.access.models import AuditEvent, SecurityPolicy, User
from guanxi.kernel import clock
from guanxi.schema import registry
from tests.support import people

Signer = Callable[..., Any]


@pytest.fixture
def policy(db: Any) -> Callable[..., None]:
    """Sets the company's security policy."""

    def put(**values: Any) -> None:
        SecurityPolicy.objects.update_or_create(pk=1, defaults={"values": values})
        registry.bump("access")
        people.refreshed()

    return put


@pytest.fixture
def li(db: Any) -> User:
    return people.person("li", "salesperson")


@pytest.fixture
def door() -> Client:
    """A browser that reads English."""
    return Client(HTTP_ACCEPT_LANGUAGE="en", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537")


def enter(client: Client, name: str = "li", password: str | None = None, **more: Any) -> Any:
    """Sign in by hand; the password of a test's person is the name."""
    extra = {key: more.pop(key) for key in list(more) if key.isupper()}
    return client.post("/signin", {"username": name, "password": password or name, **more}, **extra)


def is_in(client: Client, **extra: Any) -> bool:
    """Whether the browser is signed in."""
    return client.get("/preferences", **extra).status_code == 200


def with_app(person: User, client: Client) -> str:
    """Give the person an app with codes; the secret."""
    from allauth.core import context
    from django.test import RequestFactory

    with context.request_context(RequestFactory().get("/")):
        secret: str = generate_totp_secret()
        TOTP.activate(person, secret)
    return secret


def events(person: User | None = None) -> list[str]:
    """What the audit log holds, oldest first."""
    found = AuditEvent.objects.order_by("sequence")
    return list((found.filter(person=person) if person else found).values_list("event", flat=True))


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], Any]]:
    """Sets the clock forward."""
    held: list[Any] = []

    def go(distance: timedelta) -> datetime:
        moment = clock.now() + distance
        frozen = clock.frozen(moment)
        frozen.__enter__()
        held.append(frozen)
        return moment

    yield go
    for frozen in reversed(held):
        frozen.__exit__(None, None, None)


@pytest.fixture
def visitor(db: Any) -> Client:
    """A signed-in administrator who reads English."""
    people.person("lead", administrator=True)
    client = Client()
    assert client.login(username="lead", password="lead")
    return client
