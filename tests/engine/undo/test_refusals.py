"""What undo refuses, what it leaves alone, and that it then changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.access.setup import default_roles
from guanxi.domains.customers.account import Account
from guanxi.engine import keys, write
from guanxi.engine.undo import plan, undo
from guanxi.kernel.errors import Conflict, NotFound, Refused
from guanxi.schema.registry import snapshot
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def changed(actor: Any, key: str, pk: int, **values: Any) -> int:
    """A change set that gives a record values."""
    with write.change(actor, "test") as door:
        door.update(key, pk, values)
    assert door.change_set is not None
    return door.change_set


@pytest.fixture
def boss() -> Any:
    """An administrator's actor."""
    return people.actor(people.person("boss", administrator=True))


def read(key: str, pk: int) -> Any:
    """A record."""
    return snapshot().get(key).model._default_manager.get(pk=pk)


def test_a_later_change_of_the_same_field_stands_against_it_until_it_is_undone_itself(boss: Any) -> None:
    account = Samples().create("account", city="One").pk
    first = changed(boss, "account", account, city="Two")
    second = changed(boss, "account", account, city="Three", name="Other")
    before = dump.database()
    with pytest.raises(Conflict) as told:
        undo(boss, first)
    assert "Person boss has changed it since (City" in told.value.message
    assert dump.database() == before
    undo(boss, second)
    assert undo(boss, first).records == 1
    assert read("account", account).city == "One"


def test_changes_of_other_fields_stay(boss: Any) -> None:
    account = Samples().create("account", city="One", name="Name").pk
    first = changed(boss, "account", account, city="Two")
    changed(boss, "account", account, name="New name")
    undo(boss, first)
    assert (read("account", account).city, read("account", account).name) == ("One", "New name")


def test_twice_is_once_and_redo_is_possible_once(boss: Any) -> None:
    account = Samples().create("account", city="One").pk
    done = undo(boss, changed(boss, "account", account, city="Two"))
    assert read("account", account).city == "One" and done.change_set is not None
    with pytest.raises(Conflict):
        undo(boss, plan(boss, done.change_set).change_set.undoes_id or 0)
    again = undo(boss, done.change_set)
    assert read("account", account).city == "Two"
    with pytest.raises(Conflict):
        undo(boss, done.change_set)
    assert again.change_set is not None and undo(boss, again.change_set).records == 1
    assert read("account", account).city == "One"


def test_of_many_records_only_those_are_left_that_changed_since(boss: Any) -> None:
    samples = Samples()
    ids = [samples.create("account", city="One").pk for _ in range(5)]
    with write.change(boss, "test") as door:
        door.update_many("account", ids, {"city": "Two"})
    changed(boss, "account", ids[2], city="Three")
    assert door.change_set is not None
    made = plan(boss, door.change_set)
    assert [one.change.record for one in made.refused] == [ids[2]] and len(made.possible) == 4
    done = undo(boss, door.change_set)
    assert done.records == 4 and [one.change.record for one in done.refused] == [ids[2]]
    assert [read("account", pk).city for pk in ids] == ["One", "One", "Three", "One", "One"]


def test_undo_of_one_record_of_many(boss: Any) -> None:
    samples = Samples()
    ids = [samples.create("account", city="One").pk for _ in range(3)]
    with write.change(boss, "test") as door:
        door.update_many("account", ids, {"city": "Two"})
    assert door.change_set is not None
    assert undo(boss, door.change_set, [("account", ids[1])]).records == 1
    assert [read("account", pk).city for pk in ids] == ["Two", "One", "Two"]
    assert undo(boss, door.change_set).records == 2
    assert [read("account", pk).city for pk in ids] == ["One", "One", "One"]


def test_a_created_record_that_was_worked_on_is_not_thrown_away(boss: Any) -> None:
    samples = Samples()
    samples.create("opportunity_line")
    with write.change(boss, "test") as door:
        deal = door.create("opportunity", {"name": "Deal"}).pk
    made = door.change_set
    assert made is not None
    line = samples.create("opportunity_line", opportunity=deal)
    with pytest.raises(Conflict, match="added later"):
        undo(boss, made)
    with write.change(boss, "test") as door:
        door.delete("opportunity_line", [line.pk])
    assert undo(boss, made).records == 1
    assert read("opportunity", deal).deleted_at is not None


def test_values_written_past_the_journal_are_not_lost(boss: Any) -> None:
    account = Samples().create("account", city="One").pk
    first = changed(boss, "account", account, city="Two")
    Account.objects.filter(pk=account).update(city="By hand")
    with pytest.raises(Conflict, match="another value"):
        undo(boss, first)


def test_nobody_undoes_what_they_may_not_change(boss: Any) -> None:
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    own, theirs = samples.create("account", owner=mine.pk).pk, samples.create("account", owner=other.pk).pk
    actor = people.actor(mine)
    hidden = changed(boss, "account", theirs, city="Two")
    with pytest.raises(NotFound):
        undo(actor, hidden)
    with pytest.raises(NotFound):
        plan(actor, hidden)
    with write.change(boss, "test") as door:
        door.update_many("account", [own, theirs], {"city": "Both"})
    assert door.change_set is not None
    done = undo(actor, door.change_set)
    assert done.records == 1 and [one.forbidden for one in done.refused] == [True]
    assert read("account", theirs).city == "Both"
    narrow = Client(headers={"Authorization": f"Bearer {keys.issue(actor, 'narrow', ['read'])[1]}"})
    narrow.get("/api/v1/me")
    own_change = changed(actor, "account", own, city="Three")
    before = dump.database()
    response = narrow.post(f"/api/v1/change-sets/{own_change}/undo", "{}", content_type="application/json")
    assert response.status_code == 403 and dump.database() == before


def test_a_field_closed_by_a_role_is_not_given_back(boss: Any) -> None:
    from guanxi.access.models import RoleField
    from guanxi.schema import registry

    mine = people.person("mine", "salesperson")
    account = Samples().create("account", owner=mine.pk, city="One").pk
    first = changed(boss, "account", account, city="Two")
    RoleField.objects.create(role=default_roles()["salesperson"], object="account", field="city", level="read")
    registry.bump("access")
    with pytest.raises(Refused, match="may not change"):
        undo(people.actor(User.objects.get(pk=mine.pk)), first)


def test_the_rights_of_people_are_not_given_back_by_undo(boss: Any) -> None:
    """Whoever administers people cannot make an administrator by undoing that one was made none."""
    from guanxi.engine.administration import people as administration

    chief = people.person("chief", administrator=True)
    with write.change(boss, "test") as door:
        administration.set_administrator(door, chief.pk, value=False)
    assert door.change_set is not None
    with pytest.raises(Conflict, match="not by undo"):
        undo(boss, door.change_set)
    assert not User.objects.get(pk=chief.pk).is_superuser


def test_the_api_shows_the_plan_and_undoes(boss: Any) -> None:
    account = Samples().create("account", city="One").pk
    client = Client(headers={"Authorization": f"Bearer {keys.issue(boss, 'test')[1]}"})
    url = f"/api/v1/account/{account}"
    client.patch(url, json.dumps({"city": "Two"}), content_type="application/json")
    newest = client.get("/api/v1/change-sets").json()["data"][0]
    assert newest["done"] == [{"object": "account", "verb": "updated", "records": 1}] and not newest["undone"]
    seen = client.get(f"/api/v1/change-sets/{newest['id']}").json()
    assert seen["possible"]["records"] == [{"object": "account", "id": account, "way": "values"}]
    done = client.post(f"/api/v1/change-sets/{newest['id']}/undo", "{}", content_type="application/json").json()
    assert done["records"] == 1 and client.get(url).json()["city"] == "One"
    told = client.get(f"{url}/history", {"field": "city"}).json()["data"]
    assert [(one["verb"], one["undone"]) for one in told] == [("updated", False), ("updated", True), ("created", False)]
    assert told[1]["changes"][0]["after"] == "Two"
    refused = client.post(f"/api/v1/change-sets/{newest['id']}/undo", "{}", content_type="application/json")
    assert refused.status_code == 409 and "already" in refused.json()["detail"]
    wrong = client.post(f"/api/v1/change-sets/{newest['id']}/undo", '{"x": 1}', content_type="application/json")
    assert wrong.status_code == 422


def test_what_the_door_refuses_is_left_and_the_rest_is_undone(boss: Any) -> None:
    """A former value that is taken by now stands against one record alone."""
    samples = Samples()
    first, second = (samples.create("product", name=name, code=name).pk for name in ("P-1", "P-2"))
    with write.change(boss, "test") as door:
        door.update_each("product", {first: {"code": "Q-1"}, second: {"code": "Q-2"}})
    samples.create("product", name="New", code="P-1")
    assert door.change_set is not None
    done = undo(boss, door.change_set)
    assert done.records == 1 and [one.change.record for one in done.refused] == [first]
    assert "already" in done.refused[0].reason
    assert [read("product", pk).code for pk in (first, second)] == ["Q-1", "P-2"]
