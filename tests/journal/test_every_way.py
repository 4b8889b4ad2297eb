"""Every way of changing a record leaves the same kind of entry: before and after, actor, cause."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from guanxi.engine import keys, write
from guanxi.journal.models import Entry
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def last(object_key: str, record: int) -> Entry:
    """The newest entry of a record."""
    return Entry.objects.filter(object=object_key, record=record).latest("id")


def test_by_screen_and_by_api() -> None:
    user = people.person("root", administrator=True)
    deal = Samples().create("opportunity", amount=100_00)
    pages = Client()
    pages.login(username="root", password="root")
    response = pages.post(f"/o/opportunity/{deal.pk}/cell/amount", {"amount": "250"}, headers={"HX-Request": "true"})
    assert response.status_code == 200, response.content
    entry = last("opportunity", deal.pk)
    assert (entry.verb, entry.actor, entry.cause) == ("updated", user.pk, "web")
    assert entry.changes["amount"] == ["100.00", "250.00"]

    _key, secret = keys.issue(people.actor(user), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    body = json.dumps({"amount": "300"})
    assert api.patch(f"/api/v1/opportunity/{deal.pk}", body, content_type="application/json").status_code == 200
    entry = last("opportunity", deal.pk)
    assert (entry.actor, entry.cause, entry.changes["amount"]) == (user.pk, "api", ["250.00", "300.00"])

    assert api.delete(f"/api/v1/opportunity/{deal.pk}").status_code == 204
    assert last("opportunity", deal.pk).verb == "deleted"


def test_by_conversion_in_one_change_set() -> None:
    user = people.person("root", administrator=True)
    samples = Samples()
    samples.create("stage")
    lead = samples.create("lead", company="Blue Harbour")
    with write.change(people.actor(user), cause="action") as door:
        door.act("lead", lead.pk, "convert", {"create_opportunity": True})
    entry = last("lead", lead.pk)
    assert (entry.actor, entry.cause) == (user.pk, "action")
    assert entry.changes["status"][1] == "converted"
    made = Entry.objects.filter(change_set=entry.change_set, verb="created").values_list("object", flat=True)
    assert {"account", "contact", "opportunity"} <= set(made)
