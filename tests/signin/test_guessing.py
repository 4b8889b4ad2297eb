"""Guessing passwords: locked, unlocked, and nothing learnt about who exists."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.test import Client

from guanxi.access import attempts
from guanxi.access.models import Attempt, User
from guanxi.project.cli import main
from guanxi.web.account import guessing
from tests.signin.conftest import enter, events, is_in

pytestmark = pytest.mark.django_db
TRIES = 8


def told(response: Any) -> str:
    """What the page says in its red box."""
    text = response.content.decode()
    return text.partition('role="alert">')[2].partition("</div>")[0] if response.status_code == 422 else ""


def test_a_name_is_locked_after_the_tries_of_the_policy_and_opens_again(
    li: User, door: Client, policy: Callable[..., None], later: Callable[[timedelta], Any]
) -> None:
    policy(lockout_tries=3, lockout_minutes=10)
    for _attempt in range(3):
        assert "wrong" in told(enter(door, password="guess"))
    assert "Too many attempts. Wait 10 minutes" in told(enter(door))
    assert not is_in(door)
    assert events(li).count("sign_in_failed") == 3
    assert events(li).count("locked_out") == 1
    later(timedelta(minutes=11))
    assert enter(door).status_code == 302
    assert events(li)[-1] == "signed_in"


def test_a_success_forgets_the_failures_before(li: User, door: Client) -> None:
    for _attempt in range(TRIES - 1):
        enter(door, password="guess")
    assert enter(door).status_code == 302
    assert not Attempt.objects.filter(locked_until__isnull=False).exists()
    door.post("/signout")
    for _attempt in range(TRIES - 1):
        assert "wrong" in told(enter(door, password="guess"))


def test_small_differences_in_writing_give_no_further_tries(li: User, door: Client) -> None:
    for name in ("li", "LI", " li ", "ＬＩ") * 2:
        enter(door, name, "guess")
    assert "Too many" in told(enter(door))


def test_the_lock_is_the_same_for_a_name_nobody_has(li: User, door: Client) -> None:
    answers = {}
    for name in ("li", "nobody"):
        answers[name] = [told(enter(door, name, "guess")) for _attempt in range(TRIES + 1)]
    assert answers["li"] == answers["nobody"]
    assert "Too many" in answers["nobody"][-1]


def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(
    li: User, door: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, *given: Any) -> str:
        made.append("x")
        return str(encode(self, *given))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    costs = {}
    for name in ("li", "nobody", "nobody@example.com"):
        made.clear()
        enter(door, name, "guess")
        costs[name] = len(made)
    assert len(set(costs.values())) == 1, costs


def test_one_address_cannot_try_many_names(li: User, door: Client) -> None:
    for number in range(guessing.ADDRESS_TRIES):
        enter(door, f"somebody{number}", "guess", REMOTE_ADDR="203.0.113.9")
    assert "Too many" in told(enter(door, REMOTE_ADDR="203.0.113.9"))
    assert enter(Client(), REMOTE_ADDR="203.0.113.10").status_code == 302


def test_whoever_knows_one_password_does_not_wash_an_address_clean(li: User, door: Client) -> None:
    for number in range(guessing.ADDRESS_TRIES - 2):
        enter(door, f"somebody{number}", "guess")
    enter(Client())
    enter(door, "one", "guess")
    enter(door, "two", "guess")
    assert "Too many" in told(enter(door))


def test_what_was_typed_as_a_name_is_not_kept_in_full(door: Client, db: Any) -> None:
    from guanxi.access.models import AuditEvent

    enter(door, "MyPassword123!", "guess")
    event = AuditEvent.objects.latest("sequence")
    assert event.event == "sign_in_failed"
    assert event.name == "MyP…"
    assert event.address == "127.0.0.1"


def test_the_command_line_unlocks(li: User, door: Client, capsys: pytest.CaptureFixture[str]) -> None:
    for _attempt in range(TRIES):
        enter(door, password="guess")
    assert "Too many" in told(enter(door))
    assert main(["unlock", "--username", "li"]) == 0
    assert "can try again" in capsys.readouterr().out
    assert enter(door).status_code == 302
    assert main(["unlock", "--username", "nobody"]) == 2


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_do_not_slip_through_together() -> None:
    allowed: list[bool] = []

    def guess() -> None:
        try:
            allowed.append(attempts.take("name", "li", 5, 10).allowed)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 5
    assert len(allowed) == 12


def test_people_sign_in_with_their_mail_address_unless_two_share_it(li: User, door: Client) -> None:
    from tests.support import people

    User.objects.filter(pk=li.pk).update(email="li@example.com")
    assert enter(door, "Li@Example.com", "li").status_code == 302
    wang = people.person("wang")
    User.objects.filter(pk=wang.pk).update(email="li@example.com")
    assert enter(Client(), "li@example.com", "li").status_code == 422


@pytest.mark.parametrize("name", ["", "x" * 5000, "li\x00", "' OR 1=1 --", "李" * 100])
def test_hostile_names_are_refused_in_words(li: User, door: Client, name: str) -> None:
    assert enter(door, name, "guess").status_code == 422
