"""Requests with an idempotency key: done once, answered alike, whatever happens in between."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

import pytest

from guanxi.access.models import User
from guanxi.domains.customers.models import Account
from guanxi.engine import idempotency
from guanxi.engine.idempotency import IdempotentAnswer
from guanxi.engine.models import ApiKey
from guanxi.journal.models import Entry
from guanxi.kernel import clock, db
from tests.journal.test_atomic import database_url
from tests.support import people
from tests.web.api.calling import Program, administrator

pytestmark = pytest.mark.django_db


def test_a_repeated_request_is_answered_as_before_and_done_once() -> None:
    program = administrator()
    first = program.ask("POST", "account", {"name": "Once"}, Idempotency_Key="a-1")
    again = program.ask("POST", "account", {"name": "Once"}, Idempotency_Key="a-1")
    assert (first.status_code, "Idempotent-Replayed" in first.headers) == (201, False)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.content == first.content
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert Account.objects.count() == 1
    other = program.ask("POST", "account", {"name": "Twice"}, Idempotency_Key="a-2")
    assert other.status_code == 201 and Account.objects.count() == 2


def test_the_same_key_for_another_request_is_refused() -> None:
    program = administrator()
    program.ask("POST", "account", {"name": "Once"}, Idempotency_Key="a-1")
    for method, path, body in (("POST", "account", {"name": "Other"}), ("POST", "contact", {"name": "Once"})):
        refused = program.ask(method, path, body, Idempotency_Key="a-1")
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert Account.objects.count() == 1
    # Another key of the same person has names of its own.
    second = Program(User.objects.get(username="root"))
    assert second.ask("POST", "account", {"name": "Other"}, Idempotency_Key="a-1").status_code == 201


def test_refusals_are_answered_alike_and_change_nothing() -> None:
    program = administrator()
    first = program.ask("POST", "account", {"level": "a"}, Idempotency_Key="b")
    again = program.ask("POST", "account", {"level": "a"}, Idempotency_Key="b")
    assert first.status_code == again.status_code == 422
    assert again.content == first.content and not Account.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 201, "a\x7fb"])
def test_strange_keys_are_refused_in_words(key: str) -> None:
    program = administrator()
    assert program.ask("POST", "account", {"name": "X"}, Idempotency_Key=key).status_code == 400
    assert not Account.objects.exists()


def test_patch_put_delete_and_reading() -> None:
    program = administrator()
    pk = program.ask("POST", "account", {"name": "One", "external_id": "E"}).json()["id"]
    for method, path, body in (
        ("PATCH", f"account/{pk}", {"city": "Suzhou"}),
        ("PUT", "account/by/external_id/E", {"city": "Wuxi"}),
        ("DELETE", f"account/{pk}", None),
    ):
        first = program.ask(method, path, body, Idempotency_Key=method)
        again = program.ask(method, path, body, Idempotency_Key=method)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert [one.verb for one in Entry.objects.filter(object="account").order_by("pk")] == [
        *("created", "updated", "updated", "deleted")
    ]
    assert "Idempotent-Replayed" not in program.ask("GET", "account", Idempotency_Key="DELETE").headers


def test_secrets_in_answers_are_encrypted_at_rest_and_forgotten_after_a_day() -> None:
    person = people.person("root", administrator=True)
    program = Program(person)
    made = program.ask("POST", "webhook", {"name": "W", "url": "https://example.com/x", "events": "account.*",
                                            "responsible": person.pk}, Idempotency_Key="w")  # fmt: skip
    assert made.status_code == 201, made.content
    told = program.ask("POST", f"webhook/{made.json()['id']}/actions/show_secret", {}, Idempotency_Key="s").json()
    assert told["reveal"].startswith("whsec_")
    assert all(told["reveal"].encode() not in bytes(row.body) for row in IdempotentAnswer.objects.all())
    IdempotentAnswer.objects.update(created_at=clock.now() - idempotency.KEPT)
    assert idempotency.sweep() == 2
    assert "Idempotent-Replayed" not in program.ask("POST", "account", {"name": "N"}, Idempotency_Key="s").headers


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_it_is_done_once() -> None:
    program = administrator()
    answers: list[Any] = []
    gate = threading.Barrier(8)

    def send() -> None:
        try:
            gate.wait()
            answers.append(Program.ask(program, "POST", "account", {"name": "Once"}, Idempotency_Key="race"))
        finally:
            db.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = Counter(one.status_code for one in answers)
    assert set(statuses) <= {201, 409} and statuses[201] >= 1, statuses
    assert {one.json()["code"] for one in answers if one.status_code == 409} <= {"idempotency_key_in_use"}
    assert len({one.content for one in answers if one.status_code == 201}) == 1
    assert Account.objects.count() == 1


_KILLED = """
import os, signal, sys
import django
django.setup()
from django.test import Client
from guanxi.engine import idempotency
keep = idempotency.keep
def killed(*given):
    keep(*given)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "die":
    idempotency.keep = killed
from guanxi.web.api import idempotent
client = Client(headers={"Authorization": "Bearer " + sys.argv[1], "Idempotency-Key": "crash"})
answer = client.post("/api/v1/account", {"name": "Once"}, content_type="application/json")
print(answer.status_code, answer.headers.get("Idempotent-Replayed"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_crash_leaves_neither_the_change_nor_the_answer() -> None:
    program = administrator()
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
        "GUANXI_ALLOWED_HOSTS": "testserver",
    }

    def run(end: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", _KILLED, program.secret, end]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    assert run("die").returncode == -9
    assert not Account.objects.exists() and not IdempotentAnswer.objects.exists()
    done = run("live")
    assert done.stdout.split() == ["201", "None"], done.stderr
    assert run("live").stdout.split() == ["201", "true"]
    assert Account.objects.count() == 1
    assert ApiKey.objects.count() == 1
