"""Fields added by an administrator behave like declared ones everywhere, and the snapshot is swapped, not restarted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.engine import keys, query
from guanxi.engine.scoping import rows_of
from guanxi.journal.models import Entry
from guanxi.schema import registry
from guanxi.schema.models import CustomField, Link
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def add(key: str, kind: str, **properties: Any) -> None:
    """A custom field of accounts, in force from the next request on."""
    CustomField.objects.create(
        object="account", key=key, kind=kind, label_en=f"My {kind}", label_zh=f"自定义{kind}", properties=properties
    )
    registry.bump("schema")


def test_a_custom_field_is_written_listed_filtered_sorted_journaled_and_shown() -> None:
    user = people.person("root", administrator=True)
    _key, secret = keys.issue(people.actor(user), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert "budget" not in api.get("/api/v1/openapi.json").json()["components"]["schemas"]["Account"]["properties"]
    add("budget", "integer", minimum=0)
    add("partners", "links", target="account")
    assert "budget" in api.get("/api/v1/openapi.json").json()["components"]["schemas"]["Account"]["properties"]
    friend = Samples().create("account", name="Friend").pk

    def post(name: str, **values: Any) -> Any:
        return api.post("/api/v1/account", json.dumps({"name": name, **values}), content_type="application/json")

    refused = post("Bad", budget=-1, partners=[999_999])
    assert refused.status_code == 422
    assert set(refused.json()["errors"]) == {"budget"}
    refused = post("Bad", budget=1, partners=[999_999])
    assert set(refused.json()["errors"]) == {"partners"}
    rich, poor = post("Rich", budget=900, partners=[friend]).json(), post("Poor", budget=10).json()
    assert (rich["budget"], rich["partners"], poor["partners"]) == (900, [friend], None)
    assert Link.objects.filter(object="account", record=rich["id"], field="partners", target=friend).count() == 1

    def names(**parameters: str) -> list[str]:
        return [row["name"] for row in api.get("/api/v1/account", parameters).json()["data"]]

    assert names(filter="budget>=100") == ["Rich"]
    assert names(filter="budget:any", sort="budget") == ["Poor", "Rich"]
    assert names(filter=f"partners:#{friend}") == ["Rich"]
    assert names(filter="partners:Friend") == ["Rich"]
    entry = Entry.objects.get(object="account", record=rich["id"])
    assert entry.changes["budget"] == [None, 900]
    assert entry.changes["partners"] == [None, [friend]]
    changed = api.patch(f"/api/v1/account/{rich['id']}", json.dumps({"budget": None}), content_type="application/json")
    assert changed.json()["budget"] is None
    record = registry.get("account").model._default_manager.get(pk=rich["id"])
    assert "budget" not in record.extra

    client = Client()
    client.login(username="root", password="root")
    page = client.get(f"/o/account/{poor['id']}").content.decode()
    assert "My integer" in page


def test_a_custom_field_has_an_expression_an_index_can_serve() -> None:
    add("budget", "integer")
    actor = people.actor(people.person("root", administrator=True))
    kind = registry.get("account")
    sql, parameters = rows_of(actor, kind, query.parse("budget=5", kind, actor)).query.sql_with_params()
    assert "$.budget" in sql or "'budget'" in sql, "the key is inlined, not a parameter"
    assert "budget" not in [str(parameter) for parameter in parameters]
