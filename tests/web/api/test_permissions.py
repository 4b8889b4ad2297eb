"""Scope "own" on the API: sees, counts, filters, searches, sorts, opens and edits only what is its own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import Grant, RoleField, User
from guanxi.access.setup import default_roles
from guanxi.engine import keys, write
from guanxi.engine.search import find
from guanxi.kernel import clock
from guanxi.schema import registry
from tests.access.test_administration import give, role_with
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def client_of(user: User, *rights: str) -> Client:
    """A client with a key of the person."""
    _key, secret = keys.issue(people.actor(user), "test", rights)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def two() -> dict[str, Any]:
    """Two salespeople with an opportunity and an account each, and a follow-up of the second on the second's."""
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    made: dict[str, Any] = {"mine": mine, "other": other}
    for name, user in (("mine", mine), ("other", other)):
        account = samples.create("account", name=f"Account {name}", owner=user.pk)
        values = {"name": f"Deal {name}", "owner": user.pk, "amount": 100_00, "account": account.pk}
        made[f"account_{name}"], made[f"deal_{name}"] = account, samples.create("opportunity", **values)
    made["call"] = samples.create(
        "activity", subject="Secret call", owner=other.pk, about=f"opportunity:{made['deal_other'].pk}"
    )
    return made


def names(response: Any) -> list[str]:
    """The titles on a page of the API."""
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["data"]]


def test_lists_counts_filters_sorts_and_searches_see_only_what_is_own(two: dict[str, Any]) -> None:
    client = client_of(two["mine"])
    base = "/api/v1/opportunity"
    assert names(client.get(base)) == ["Deal mine"]
    assert client.get(base, {"count": "true"}).json()["count"] == {"number": 1, "more": False}
    for sort in ("amount", "-name", "account", "owner", "stage"):
        assert names(client.get(base, {"sort": sort})) == ["Deal mine"]
    for line in ("amount>=1", "Deal", "owner:any", "not owner:me or owner:me", 'account:"Account other" or Deal'):
        assert names(client.get(base, {"filter": line})) == ["Deal mine"]
    for line in (f"owner:#{two['other'].pk}", 'account.name:"Account other"', f"account:#{two['account_other'].pk}"):
        assert names(client.get(base, {"filter": line})) == []
    assert [choice.title for choice in find(people.actor(two["mine"]), "Deal")] == ["Deal mine"]
    assert names(client.get("/api/v1/activity")) == []
    assert client.get(f"{base}/{two['deal_other'].pk}").status_code == 404


def test_a_refused_write_leaves_the_database_as_it_was(two: dict[str, Any]) -> None:
    client = client_of(two["mine"])
    theirs, own = f"/api/v1/opportunity/{two['deal_other'].pk}", f"/api/v1/opportunity/{two['deal_mine'].pk}"
    attempts: list[tuple[str, str, dict[str, Any], int]] = [
        ("patch", theirs, {"name": "Taken"}, 404),
        ("delete", theirs, {}, 404),
        ("post", f"{theirs}/restore", {}, 404),
        ("post", f"{theirs}/actions/win", {"amount": "5", "closed_on": "2026-01-01"}, 404),
        ("patch", own, {"owner": two["other"].pk}, 403),
        ("patch", own, {"account": two["account_other"].pk}, 422),
        ("patch", own, {"amount": "not money"}, 422),
        ("patch", own, {"version": 999, "name": "Stale"}, 409),
        ("patch", own, {"weighted": "1.00"}, 422),
        ("patch", own, {"no_such_field": 1}, 422),
        ("post", "/api/v1/opportunity", {"name": "For them", "owner": two["other"].pk}, 403),
        ("post", "/api/v1/stage", {"name": "Mine"}, 403),
        ("patch", f"/api/v1/user/{two['mine'].pk}", {"name": "Boss"}, 403),
        ("post", "/api/v1/nothing", {}, 404),
    ]
    client.get("/api/v1/me")
    before = dump.database()
    for method, url, body, status in attempts:
        response = getattr(client, method)(url, json.dumps(body), content_type="application/json")
        assert response.status_code == status, (method, url, response.content)
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["detail"]
        assert dump.database() == before, (method, url)


def test_editing_reaches_no_further_than_reading(two: dict[str, Any]) -> None:
    """A role that edits all but reads its own, and a key that edits but does not read, change nothing unseen."""
    wide = role_with(
        "Wide", {"*": {"rights": ["read", "create", "edit", "change_state"], "read": "own", "edit": "all"}}
    )
    give(two["mine"], wide)
    theirs, own = f"/api/v1/opportunity/{two['deal_other'].pk}", f"/api/v1/opportunity/{two['deal_mine'].pk}"
    client, blind = client_of(two["mine"]), client_of(two["mine"], "edit", "create", "delete")
    client.get("/api/v1/me"), blind.get("/api/v1/me")
    before = dump.database()
    for one, method, url, values in (
        (client, "patch", theirs, {"name": "Taken"}),
        (client, "post", f"{theirs}/actions/win", {"amount": "5", "closed_on": "2026-01-01"}),
        (blind, "patch", own, {"name": "Unseen"}),
        (blind, "post", "/api/v1/opportunity", {"name": "Unseen"}),
        (blind, "delete", own, {}),
    ):
        response = getattr(one, method)(url, json.dumps(values), content_type="application/json")
        assert response.status_code in (403, 404), (method, url, response.content)
        assert dump.database() == before, (method, url)
    given_away = {"owner": two["other"].pk}
    assert client.patch(own, json.dumps(given_away), content_type="application/json").status_code == 403
    assert dump.database() == before
    assert client.patch(own, json.dumps({"name": "Seen"}), content_type="application/json").status_code == 200


def test_a_follow_up_points_to_what_has_a_timeline(two: dict[str, Any]) -> None:
    client = client_of(two["mine"])
    client.get("/api/v1/me")
    before = dump.database()
    values = {"subject": "Call", "about": f"user:{two['mine'].pk}"}
    response = client.post("/api/v1/activity", json.dumps(values), content_type="application/json")
    assert response.status_code == 422 and "about" in response.json()["errors"]
    assert dump.database() == before


def test_a_grant_opens_one_record_until_it_expires(two: dict[str, Any]) -> None:
    client, url = client_of(two["mine"]), f"/api/v1/opportunity/{two['deal_other'].pk}"
    grant = Grant.objects.create(
        object="opportunity", record=two["deal_other"].pk, principal_kind="user", principal=two["mine"].pk,
        level="read", cause="manual", created_at=clock.now(),
    )  # fmt: skip
    registry.bump("access")
    assert client.get(url).status_code == 200
    assert client.patch(url, json.dumps({"name": "x"}), content_type="application/json").status_code == 403
    grant.level = "write"
    grant.save()
    assert client.patch(url, json.dumps({"name": "x"}), content_type="application/json").status_code == 200
    grant.expires_at = clock.now()
    grant.save()
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(("level", "mask"), [("hidden", "none"), ("read", "all")])
def test_hidden_and_masked_fields_cannot_be_compared_or_sorted_by(two: dict[str, Any], level: str, mask: str) -> None:
    role = default_roles()["salesperson"]
    RoleField.objects.create(role=role, object="opportunity", field="amount", level=level, mask=mask)
    registry.bump("access")
    client, base = client_of(two["mine"]), "/api/v1/opportunity"
    for parameters in (
        {"filter": "amount>=1"},
        {"sort": "amount"},
        {"filter": '{"field":"amount","op":"gt","value":"1"}'},
    ):
        assert client.get(base, parameters).status_code == 400
    row = client.get(base).json()["data"][0]
    assert "amount" not in row if level == "hidden" else row["amount"] not in (None, "100.00")
    own = f"{base}/{two['deal_mine'].pk}"
    assert client.patch(own, json.dumps({"amount": "5"}), content_type="application/json").status_code == 422


def test_a_key_never_reaches_further_than_its_rights_and_its_owner(two: dict[str, Any]) -> None:
    reader = client_of(two["mine"], "read")
    own = f"/api/v1/opportunity/{two['deal_mine'].pk}"
    assert reader.get(own).status_code == 200
    assert reader.patch(own, json.dumps({"name": "x"}), content_type="application/json").status_code == 403
    assert reader.post("/api/v1/keys", json.dumps({"name": "more"}), content_type="application/json").status_code == 403
    with write.change(people.program(), "test") as door:
        door.update("user", two["mine"].pk, {"is_active": False})
    assert reader.get(own).status_code == 401
    assert Client(headers={"Authorization": "Bearer gx_wrong"}).get(own).status_code == 401
    assert Client().get(own).status_code == 401
