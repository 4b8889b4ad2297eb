"""Every operation is a right of its own: with all rights but one exactly that operation is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.engine import keys
from tests.access.test_administration import give, role_with
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
RIGHTS = (
    "read",
    "create",
    "edit",
    "delete",
    "restore",
    "assign",
    "export",
    "print",
    "mass_update",
    "change_state",
    "share",
)


class Seller:
    """A person with a role, and the records to work on."""

    def __init__(self, without: str) -> None:
        rights = [right for right in RIGHTS if right != without]
        self.role = role_with("All but one", {"*": {"rights": rights, "read": "all", "edit": "all"}})
        self.user = people.person("li")
        self.other = people.person("wang", "salesperson")
        give(self.user, self.role)
        samples = Samples()
        self.accounts = [samples.create("account", owner=self.user.pk) for _ in range(2)]
        self.deal = samples.create("opportunity", owner=self.user.pk)
        stage = self.deal.stage
        later = type(stage).objects.filter(pipeline=stage.pipeline_id, category="open").exclude(pk=stage.pk)
        self.stage = (later.first() or samples.create("stage", pipeline=stage.pipeline_id)).pk
        self.gone = samples.create("account", owner=self.user.pk)
        type(self.gone).objects.filter(pk=self.gone.pk).update(deleted_at="2026-01-01T00:00:00Z")
        _key, secret = keys.issue(people.actor(self.user), "test")
        self.api = Client(headers={"Authorization": f"Bearer {secret}"})
        assert self.api.get("/api/v1/me").status_code == 200  # notes when the key was used last
        self.pages = Client()
        assert self.pages.login(username="li", password="li")

    def send(self, method: str, path: str, body: Any = None) -> int:
        """The status of an API call."""
        call = getattr(self.api, method)
        return int(call(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json").status_code)


OPERATIONS: dict[str, Callable[[Seller], int]] = {
    "create": lambda one: one.send("post", "account", {"name": "New"}),
    "edit": lambda one: one.send("patch", f"account/{one.accounts[0].pk}", {"name": "Changed"}),
    "delete": lambda one: one.send("delete", f"account/{one.accounts[0].pk}"),
    "restore": lambda one: one.send("post", f"account/{one.gone.pk}/restore"),
    "assign": lambda one: one.send("patch", f"account/{one.accounts[0].pk}", {"owner": one.other.pk}),
    "export": lambda one: one.api.get("/api/v1/account/export?format=csv").status_code,
    "print": lambda one: one.pages.get(f"/o/account/{one.accounts[0].pk}/print").status_code,
    "mass_update": lambda one: (
        one.pages.post(
            "/o/account/bulk",
            {"what": "edit", "field": "level", "level": "b", "id": [account.pk for account in one.accounts]},
        ).status_code
    ),
    "change_state": lambda one: one.send("patch", f"opportunity/{one.deal.pk}", {"stage": one.stage}),
    "share": lambda one: one.send("post", f"account/{one.accounts[0].pk}/shares", {"principal": one.other.pk}),
}


@pytest.mark.parametrize("right", OPERATIONS)
def test_the_operation_needs_its_own_right(right: str) -> None:
    seller = Seller(without=right)
    before = dump.database()
    assert OPERATIONS[right](seller) == 403
    assert dump.database() == before


@pytest.mark.parametrize("right", OPERATIONS)
def test_with_the_right_it_works_whatever_else_is_missing(right: str) -> None:
    missing = "share" if right != "share" else "print"
    assert OPERATIONS[right](Seller(without=missing)) in (200, 201, 204)


def test_a_created_record_for_somebody_else_needs_the_right_to_assign() -> None:
    seller = Seller(without="assign")
    before = dump.database()
    assert seller.send("post", "account", {"name": "Gift", "owner": seller.other.pk}) == 403
    assert dump.database() == before
    assert seller.send("post", "account", {"name": "Mine", "owner": seller.user.pk}) == 201
