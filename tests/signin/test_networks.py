"""From where people may come, and whose word counts for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, RequestFactory

from guanxi.access.models import AuditEvent, User
from guanxi.engine import keys
from guanxi.engine.write import change
from guanxi.project.cli import main
from guanxi.web.origin import address_of
from tests.signin.conftest import enter, is_in
from tests.support import people

pytestmark = pytest.mark.django_db


def told(remote: str, forwarded: str, proxies: tuple[str, ...], settings: Any) -> str:
    settings.GUANXI_TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.5", "", (), "203.0.113.5"),
        ("203.0.113.5", "10.0.0.1", (), "203.0.113.5"),
        ("203.0.113.5", "10.0.0.1", ("192.0.2.0/24",), "203.0.113.5"),
        ("192.0.2.1", "203.0.113.5", ("192.0.2.0/24",), "203.0.113.5"),
        ("192.0.2.1", "10.0.0.1, 203.0.113.5", ("192.0.2.0/24",), "203.0.113.5"),
        ("192.0.2.1", "203.0.113.5, 192.0.2.7", ("192.0.2.0/24",), "203.0.113.5"),
        ("192.0.2.1", "rubbish, 203.0.113.5", ("192.0.2.0/24",), "203.0.113.5"),
        ("192.0.2.1", "203.0.113.5, rubbish", ("192.0.2.0/24",), "192.0.2.1"),
        ("192.0.2.1", "203.0.113.5:4711", ("192.0.2.0/24",), "203.0.113.5"),
        ("::1", "[2001:db8::5]:4711", ("::1/128",), "2001:db8::5"),
        ("::ffff:192.0.2.1", "203.0.113.5", ("192.0.2.1",), "203.0.113.5"),
        ("", "203.0.113.5", ("192.0.2.0/24",), ""),
    ],
)
def test_only_trusted_proxies_are_believed(
    remote: str, forwarded: str, proxies: tuple[str, ...], expected: str, settings: Any
) -> None:
    assert told(remote, forwarded, proxies, settings) == expected


@pytest.mark.parametrize(
    ("address", "let_in"),
    [
        ("10.1.2.3", True),
        ("11.1.2.3", False),
        ("::ffff:10.1.2.3", True),
        ("2001:db8:1::9", True),
        ("2001:db9::9", False),
    ],
)
def test_the_networks_of_the_company(
    li: User, door: Client, policy: Callable[..., None], address: str, let_in: bool
) -> None:
    policy(networks=["10.0.0.0/8", "2001:db8::/32"])
    answer = enter(door, REMOTE_ADDR=address)
    assert answer.status_code == (302 if let_in else 403)
    if not let_in:
        assert "From this network" in answer.content.decode()
        assert door.get("/signin", REMOTE_ADDR=address).status_code == 403
        assert door.get("/api/v1/openapi.json", REMOTE_ADDR=address).status_code == 403
        assert AuditEvent.objects.filter(event="refused").exists()
    assert is_in(door, REMOTE_ADDR=address) is let_in


def test_a_session_carried_elsewhere_opens_nothing(li: User, door: Client, policy: Callable[..., None]) -> None:
    policy(networks=["10.0.0.0/8"])
    enter(door, REMOTE_ADDR="10.0.0.1")
    assert is_in(door, REMOTE_ADDR="10.0.0.1")
    assert door.get("/", REMOTE_ADDR="203.0.113.5").status_code == 403
    fragment = door.get("/palette", REMOTE_ADDR="203.0.113.5", headers={"HX-Request": "true"})
    assert fragment.status_code == 403 and "toast" in fragment.headers["HX-Trigger"]
    assert door.post("/signout", REMOTE_ADDR="203.0.113.5").status_code == 302


def restrict(user: User, networks: str) -> None:
    with change(people.program(), "test") as door:
        for role in user.roles.all():
            door.update("role", role.pk, {"networks": networks})
    people.refreshed()


def test_every_restricting_role_has_its_say(db: Any, door: Client) -> None:
    both = people.person("both", "salesperson", "sales_manager", administrator=True)
    roles = list(both.roles.order_by("pk"))
    with change(people.program(), "test") as write:
        write.update("role", roles[0].pk, {"networks": "10.0.0.0/8"})
        write.update("role", roles[1].pk, {"networks": "10.1.0.0/16, 2001:db8::/32"})
    people.refreshed()
    enter(door, "both", REMOTE_ADDR="10.1.0.1")
    assert is_in(door, REMOTE_ADDR="10.1.0.1")
    assert not is_in(door, REMOTE_ADDR="10.2.0.1"), "administrators included"
    assert not is_in(door, REMOTE_ADDR="2001:db8::1")
    _key, secret = keys.issue(people.actor(both), "program")
    header = {"Authorization": f"Bearer {secret}"}
    assert Client(REMOTE_ADDR="10.1.0.1").get("/api/v1/me", headers=header).status_code == 200
    assert Client(REMOTE_ADDR="10.2.0.1").get("/api/v1/me", headers=header).status_code == 403


def test_a_forged_header_does_not_help(li: User, door: Client, policy: Callable[..., None]) -> None:
    policy(networks=["10.0.0.0/8"])
    assert enter(door, REMOTE_ADDR="203.0.113.5", HTTP_X_FORWARDED_FOR="10.0.0.1").status_code == 403


def test_the_command_line_opens_what_shut_everybody_out(
    li: User, door: Client, policy: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    policy(networks=["10.0.0.0/8"], password_length=12)
    restrict(li, "10.0.0.0/8")
    assert enter(door).status_code == 403
    assert main(["policy", "reset-networks"]) == 0
    assert "everywhere" in capsys.readouterr().out
    assert enter(door).status_code == 302
    assert is_in(door)
    assert AuditEvent.objects.filter(event="policy_changed").exists()
    from guanxi.access.models import SecurityPolicy

    assert SecurityPolicy.objects.get(pk=1).values == {"password_length": 12}
