"""The password policy, links that set passwords, and mails."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from guanxi.access import passwords
from guanxi.access.models import User
from guanxi.web.account import links, mails
from guanxi.web.account.invitations import link_for
from tests.signin.conftest import enter, events, is_in
from tests.support import people

pytestmark = pytest.mark.django_db
FRESH = "Spring-rain-2026"


def change(client: Client, old: str, new: str) -> Any:
    return client.post("/preferences/password", {"old_password": old, "new_password1": new, "new_password2": new})


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("Short-1", False),
        ("onlylowercaseletters", False),
        ("lower-case-and-signs", False),
        ("Lower and upper", True),
        ("Lower-Upper-7", True),
        ("春天的雨水下得很大Aa1", True),
    ],
)
def test_length_and_classes(li: User, policy: Callable[..., None], password: str, accepted: bool) -> None:
    policy(password_length=10, password_classes=3)
    if accepted:
        validate_password(password, li)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, li)


def test_a_password_like_the_persons_own_name_is_refused(li: User, policy: Callable[..., None]) -> None:
    policy(password_length=6, password_classes=1)
    with pytest.raises(ValidationError):
        validate_password("Person li", li)


def test_former_passwords_do_not_come_back(li: User, door: Client, policy: Callable[..., None]) -> None:
    policy(password_history=2, password_length=8, password_classes=2)
    enter(door)
    for old, new in (("li", "Rain-one-11"), ("Rain-one-11", "Rain-two-22")):
        assert change(door, old, new).status_code == 303
    for used in ("Rain-two-22", "Rain-one-11"):
        answer = change(door, "Rain-two-22", used)
        assert answer.status_code == 422, used
    assert "used this password before" in answer.content.decode()
    assert change(door, "Rain-two-22", "Rain-three-33").status_code == 303
    assert change(door, "Rain-three-33", "Rain-one-11").status_code == 303, "older ones may come back"


def test_guessing_the_present_password_is_counted(li: User, door: Client) -> None:
    enter(door)
    for _attempt in range(8):
        assert change(door, "guess", FRESH).status_code == 422
    answer = change(door, "li", FRESH)
    assert answer.status_code == 422
    assert "Too many" in answer.content.decode()


def test_a_password_that_is_too_old_must_be_changed_before_anything_else(
    li: User, door: Client, policy: Callable[..., None], later: Callable[[timedelta], Any]
) -> None:
    passwords.set_password(li, "li")
    policy(password_days=90, password_length=8)
    enter(door)
    assert is_in(door)
    later(timedelta(days=91))
    enter(door)
    assert door.get("/").headers["Location"] == "/signin/renew"
    assert door.get("/api/v1/account").status_code == 403
    assert door.get("/notifications", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/signin/renew"
    page = door.get("/signin/renew")
    assert page.status_code == 200 and "too old" in page.content.decode()
    fields = {"old_password": "li", "new_password1": "li", "new_password2": "li"}
    assert door.post("/signin/renew", fields).status_code == 422
    fields = {"old_password": "li", "new_password1": FRESH, "new_password2": FRESH}
    assert door.post("/signin/renew", fields).headers["Location"] == "/"
    assert is_in(door)
    assert door.get("/signin/renew").headers["Location"] == "/"


def test_an_invitation_sets_the_first_password_once(db: Any, door: Client) -> None:
    from guanxi.engine.write import change as write

    with write(people.program(), "test") as made:
        person = made.create("user", {"username": "new", "name": "New One"})
    assert isinstance(person, User)
    link = link_for(person)
    page = door.get(link)
    assert page.status_code == 200 and "Welcome, New One" in page.content.decode()
    weak = door.post(link, {"new_password1": "weak", "new_password2": "weak"})
    assert weak.status_code == 422 and "too short" in weak.content.decode()
    differ = door.post(link, {"new_password1": FRESH, "new_password2": FRESH + "x"})
    assert differ.status_code == 422
    assert door.post(link, {"new_password1": FRESH, "new_password2": FRESH}).headers["Location"] == "/"
    assert is_in(door)
    assert "password_changed" in events(person)
    person.refresh_from_db()
    assert person.password_changed_at is not None
    again = Client().get(link)
    assert again.headers["Location"] == "/signin?wrong=link"
    assert Client().post(link, {"new_password1": "Other-rain-1", "new_password2": "Other-rain-1"}).status_code == 302
    assert enter(Client(), "new", FRESH).status_code == 302


def test_links_expire_and_cannot_be_bent(li: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_for(li)
    token = link.rpartition("/")[2]
    assert links.person_of(token, links.INVITATION) == li
    assert links.person_of(token, links.FORGOTTEN) is None, "one purpose does not serve another"
    for bent in (token[:-1], token + "x", "x", "", "a:b:c", "İ:1", "." * 5000):
        assert links.person_of(bent, links.INVITATION) is None, bent[:40]
    import time

    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + links.INVITATION.seconds + 1)
    assert links.person_of(token, links.INVITATION) is None
    monkeypatch.undo()
    User.objects.filter(pk=li.pk).update(is_active=False)
    assert links.person_of(token, links.INVITATION) is None


def test_without_mail_the_page_says_whom_to_ask(door: Client) -> None:
    page = door.get("/signin/forgotten").content.decode()
    assert "Ask an administrator" in page
    assert door.post("/signin/forgotten", {"username": "li"}).status_code == 200
    assert mail.outbox == []


@pytest.fixture
def _mail(settings: Any) -> None:
    settings.GUANXI_MAIL = True
    settings.DEFAULT_FROM_EMAIL = "crm@example.com"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.mark.usefixtures("_mail")
def test_a_forgotten_password_is_set_through_a_mail(li: User, door: Client) -> None:
    User.objects.filter(pk=li.pk).update(email="li@example.com")
    known = door.post("/signin/forgotten", {"username": "li"}, HTTP_HOST="testserver")
    assert len(mail.outbox) == 1 and mail.outbox[0].to == ["li@example.com"]
    unknown = door.post("/signin/forgotten", {"username": "nobody"})
    token = re.compile(r'name="csrf[^>]+>|content="[\w-]{60,}"')
    assert token.sub("", known.content.decode()) == token.sub("", unknown.content.decode())
    assert len(mail.outbox) == 1
    body = str(mail.outbox[0].body)
    assert "testserver" not in body, "the address is the configured one, not what the asker's browser says"
    path = re.search(r"/signin/reset/\S+", body)
    assert path
    page = door.get(path[0])
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert door.post(path[0], {"new_password1": FRESH, "new_password2": FRESH}).status_code == 302
    assert is_in(door)
    assert Client().get(path[0]).status_code == 302
    assert enter(Client()).status_code == 422


@pytest.mark.usefixtures("_mail")
def test_nobody_is_flooded_with_mails(li: User, door: Client) -> None:
    User.objects.filter(pk=li.pk).update(email="li@example.com")
    for _attempt in range(9):
        assert door.post("/signin/forgotten", {"username": "li"}).status_code == 200
    assert len(mail.outbox) <= 5


@pytest.mark.usefixtures("_mail")
def test_a_hostile_host_header_does_not_get_into_a_mail(li: User, settings: Any) -> None:
    User.objects.filter(pk=li.pk).update(email="li@example.com")
    mails.send_forgotten.call("li", "en")
    assert settings.GUANXI.address in str(mail.outbox[0].body)
