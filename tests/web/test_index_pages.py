"""The page of indexes, the advice in a list, and the API of both."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from guanxi.engine import keys, write
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.job import Job
from guanxi.web.views import lists
from tests.support import people

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_an_index_is_added_and_removed_on_the_page(visitor: Client) -> None:
    page = visitor.get("/admin/indexes").content.decode()
    assert '<option value="account.city">' in page and '<option value="account.owner">' not in page
    added = visitor.post("/admin/indexes", {"field": "account.city"}, headers=HTMX)
    made = FieldIndex.objects.get()
    assert added.status_code == 204 and f"/jobs/{made.job}" in added.headers["HX-Redirect"]
    assert Job.objects.get(pk=made.job or 0).title_en == "Index of accounts by city"
    page = visitor.get("/admin/indexes").content.decode()
    assert "Accounts: City" in page and "Being built" in page and '<option value="account.city">' not in page
    refused = visitor.post("/admin/indexes", {"field": "account.city"}, headers=HTMX)
    assert refused.status_code == 409 and "has an index already" in refused.headers["HX-Trigger"]
    assert visitor.post(f"/admin/indexes/{made.pk}/remove", headers=HTMX).status_code == 204
    assert not FieldIndex.objects.exists()


def test_a_slow_list_advises_administrators(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with write.change(people.program(), "test") as door:
        door.create("account", {"name": "Acme", "city": "Suzhou"})
    advice = "no index serves it"
    assert advice not in visitor.get("/o/account?q=city=Suzhou").content.decode(), "it was quick"
    monkeypatch.setattr(lists, "SLOW", 0)
    page = visitor.get("/o/account?q=city=Suzhou").content.decode()
    assert advice in page and '{"field": "account.city"}' in page
    assert advice not in visitor.get("/o/account").content.decode(), "no filter, no advice"
    assert advice not in visitor.get("/o/account?q=owner:me").content.decode(), "it has an index"
    people.person("seller", "salesperson")
    seller = Client()
    assert seller.login(username="seller", password="seller")
    assert advice not in seller.get("/o/account?q=city=Suzhou").content.decode()


def test_programs_do_the_same(settings: Any) -> None:
    _key, secret = keys.issue(people.actor(people.person("admin", administrator=True)), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    address = "/api/v1/field-indexes"
    made = api.post(address, {"object": "account", "field": "city"}, content_type="application/json")
    body = made.json()
    assert made.status_code == 202 and made.headers["Location"] == f"/api/v1/jobs/{body['job']}"
    assert body["state"] == "building" and api.get(address).json()["data"] == [body]
    for sent, status in (
        ({"object": "account", "field": "city"}, 409), ({"object": "account", "field": "notes"}, 422),
        ({"object": "account"}, 400), ({"object": "account", "field": 1}, 400), ({"object": "zzz", "field": "x"}, 404),
    ):  # fmt: skip
        assert api.post(address, sent, content_type="application/json").status_code == status, sent
    assert api.delete(f"{address}/{body['id']}").status_code == 204
    assert api.delete(f"{address}/{body['id']}").status_code == 404
    assert api.get(address).json()["data"] == []
