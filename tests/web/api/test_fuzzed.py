"""The description of the API is what the program does: Schemathesis finds no answer that is not described, and no crash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.servers.basehttp import WSGIRequestHandler

from guanxi.engine import keys
from tests.support import people
from tests.support.samples import Samples
from tests.web.api.fuzzing import fuzz

SEED = ("--seed", "7", "--workers", "1")
LOCKING_OUT = (
    *("user_deactivate", "user_revoke_keys", "keys_revoke", "security_policy_change", "user_update", "user_delete"),
    *("user_put_by_external_id", "user_put_by_username", "user_bulk", "user_batch", "user_set_roles"),
    *("role_define", "role_delete", "role_bulk", "role_update", "change_set_undo", "role_put_by_external_id"),
)
"""What may take the fuzzer's own access away; tried last, where to be refused is an answer like any other."""
EVERYDAY = "^/(account|department)(/|$)"
GENERAL = (
    "^/(changes|bulk|me|keys|jobs|search|notification|change-sets|export-requests|journal|deliveries|object-def|ret"
    "|duplicate|taken|import)"
)
SHORT = (*SEED, "--max-examples", "2", "--phases", "examples,coverage,fuzzing")
LONG = (*SEED, "--max-examples", "25", "--phases", "examples,coverage,fuzzing,stateful")


@pytest.fixture
def server(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A server that listens, with a record of most objects. Head and body of an answer leave it at once, not 40 ms apart."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    samples = Samples()
    for key in ("opportunity", "account", "contact", "lead", "task", "activity", "webhook"):
        samples.create(key)
    return str(live_server.url)


def key_of(who: str) -> str:
    """A key of an administrator, or of a person with a shipped role."""
    roles = () if who == "administrator" else (who,)
    person = people.person("fuzzer", *roles, administrator=who == "administrator")
    _key, secret = keys.issue(people.actor(person), "fuzz", [])
    return secret


def found_nothing(server: str, key: str, folder: Path, *options: str, seconds: int = 300) -> None:
    done = fuzz(server, key, folder, *options, seconds=seconds)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-3000:]
    assert "Test cases:" in done.stdout


def _without(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for name in names for word in ("--exclude-operation-id", name))


def _only(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for name in names for word in ("--include-operation-id", name))


@pytest.mark.django_db(transaction=True)
def test_an_administrator_finds_nothing_undescribed(server: str, tmp_path: Path) -> None:
    secret = key_of("administrator")
    found_nothing(server, secret, tmp_path, *SHORT, "--include-path-regex", GENERAL, *_without(LOCKING_OUT))
    found_nothing(server, secret, tmp_path, *SHORT, "--include-path-regex", "^/webhook(/|$)")


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_a_salesperson_finds_nothing_undescribed(server: str, tmp_path: Path) -> None:
    found_nothing(server, key_of("salesperson"), tmp_path, *SHORT, "--include-path-regex", EVERYDAY)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["administrator", "salesperson", "auditor"])
def test_every_operation_at_length(server: str, tmp_path: Path, who: str) -> None:
    secret = key_of(who)
    found_nothing(server, secret, tmp_path, *LONG, *_without(LOCKING_OUT), seconds=7200)
    if who == "administrator":
        found_nothing(server, secret, tmp_path, *LONG, *_only(LOCKING_OUT), seconds=7200)
