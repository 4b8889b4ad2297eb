"""Duplicates while records are written: warned of at once, refused where a rule blocks, told of as far as may be told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.access.actor import Actor
from guanxi.access.models import RoleField
from guanxi.access.setup import default_roles
from guanxi.engine import keys, write
from guanxi.engine.dedupe import backfill, deciding
from guanxi.engine.dedupe.checking import check
from guanxi.engine.dedupe.taken import taken
from guanxi.engine.jobs import running
from guanxi.engine.match_record import DuplicateSetting, MatchKey
from guanxi.engine.matching.keeping import Duplicate
from guanxi.engine.merging import merge
from guanxi.engine.retention.removal import purge
from guanxi.engine.undo import undo
from guanxi.journal.models import Entry
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid, Refused
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.support import dump, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Actor:
    """An administrator."""
    return people.actor(people.person("boss", administrator=True))


def make(actor: Actor, key: str, **values: Any) -> int:
    with write.change(actor, "test") as door:
        return int(door.create(key, values).pk)


def found(actor: Actor, key: str, **values: Any) -> dict[int | None, tuple[str, ...]]:
    """What the check finds: rules by id."""
    return {match.shown.id: match.rules for match in check(actor, snapshot().get(key), values).matches}


def block(actor: Actor, key: str, rule: str, mode: str = "block") -> None:
    with write.change(actor, "test") as door:
        deciding.decide(door, snapshot().get(key), {rule: mode})
    people.refreshed()


def test_the_same_account_typed_twice_in_a_row_is_found_at_once(boss: Actor) -> None:
    first = make(boss, "account", name="华为技术有限公司", tax_number="91440300-708461136T")
    assert found(boss, "account", name="華為技術（集團）有限公司") == {first: ("name",)}
    assert found(boss, "account", name="Other", tax_number="91440300708461136t") == {first: ("tax_number",)}
    assert found(boss, "account", name="联想集团") == {}


def test_rules_of_several_parts_need_all_of_them(boss: Actor) -> None:
    first = make(
        boss, "account", name="One", website="https://www.example.com", phone="+8675528780808", billing_address="1 Road"
    )
    assert found(boss, "account", name="Two", website="http://example.com/de") == {}
    assert found(boss, "account", name="Two", website="http://example.com", phone="+8675528780808") == {
        first: ("website_phone",)
    }
    assert found(boss, "account", name="Two", website="example.com", billing_address="1, road") == {
        first: ("website_address",)
    }
    contact = make(boss, "contact", name="Li Ming", account=first, mobile="+8613800138000")
    assert found(boss, "contact", name="ming li", account=first, phone="+8613800138000") == {contact: ("name_account",)}
    assert found(boss, "contact", name="Wang Wu", mobile="+8613800138000") == {contact: ("mobile",)}
    lead = make(boss, "lead", name="Zhao", company="Acme Ltd", mobile="+8613911112222")
    assert found(boss, "lead", name="zhao", company="ACME Co.", mobile="+8613911112222") == {lead: ("name_company",)}
    assert found(boss, "lead", name="zhao", company="Other", mobile="+8613911112222") == {}


def test_similar_records_are_warned_of_with_reasons(boss: Actor) -> None:
    with write.change(boss, "test") as door:
        pk = door.create(
            "contact",
            {"family_name": "Miller", "given_name": "Catherine", "email": "cathy@example.com", "city": "Perth"},
        ).pk
    values = {"family_name": "Catherine", "given_name": "Miller", "name": "Miller Catherine", "city": "Perth"}
    matches = check(boss, snapshot().get("contact"), values).matches
    assert [match.shown.id for match in matches] == [pk] and not matches[0].rules
    assert "Names: swapped" in matches[0].reasons and 50 < matches[0].score < 100


def test_keys_follow_changes_the_bin_merges_and_purging(boss: Actor) -> None:
    first = make(boss, "account", name="Alpha Ltd")
    with write.change(boss, "test") as door:
        door.update("account", first, {"name": "Beta"})
    assert found(boss, "account", name="Alpha") == {} and found(boss, "account", name="beta") == {first: ("name",)}
    with write.change(boss, "test") as door:
        door.delete("account", [first])
    matches = check(boss, snapshot().get("account"), {"name": "Beta"}).matches
    assert [(match.shown.id, match.shown.deleted) for match in matches] == [(first, True)], "the recycle bin counts"
    purge(boss, "account", [first], "test")
    assert found(boss, "account", name="Beta") == {} and not MatchKey.objects.filter(record=first).exists()
    one, two = make(boss, "account", name="Gamma"), make(boss, "account", name="Delta")
    done = merge(boss, "account", one, [two])
    assert found(boss, "account", name="Delta") == {one: ("name",)}, "what was merged stands for what it became part of"
    undo(boss, done.change_set)
    assert found(boss, "account", name="Delta") == {two: ("name",)}


def test_a_blocking_rule_refuses_whoever_writes(boss: Actor) -> None:
    first = make(boss, "account", name="Alpha Ltd")
    block(boss, "account", "name")
    other = make(boss, "account", name="Beta")
    before = dump.database()
    with pytest.raises(Duplicate):
        make(people.program(), "account", name="ALPHA GmbH")
    with pytest.raises(Duplicate) as told, write.change(boss, "test") as door:
        door.create_many("account", [{"name": "New"}, {"name": "new Co."}, {"name": "Other"}, {"name": "alpha"}])
    assert told.value.places == {1, 3}
    with pytest.raises(Duplicate), write.change(boss, "test") as door:
        door.update("account", other, {"name": "Alpha"})
    assert dump.database() == before
    with write.change(boss, "test") as door:
        door.update("account", first, {"name": "Alpha, Inc.", "city": "Perth"})
    with write.change(boss, "test") as door:
        door.update_many("account", [first, other], {"city": "Sydney"})
    block(boss, "account", "name", "off")
    make(boss, "account", name="alpha")


def test_undo_and_merging_are_never_refused_as_duplicates(boss: Actor) -> None:
    one, two = make(boss, "account", name="Alpha"), make(boss, "account", name="Alpha Ltd")
    with write.change(boss, "test") as door:
        door.update("account", two, {"name": "Beta"})
    block(boss, "account", "name")
    undo(boss, door.change_set or 0)
    merge(boss, "account", one, [two])


def test_the_check_costs_a_few_look_ups(boss: Actor) -> None:
    for number in range(30):
        make(boss, "account", name=f"Company number {number}", city="Perth")
    kind = snapshot().get("account")
    check(boss, kind, {"name": "Company number 7"})
    with CaptureQueriesContext(db.connection()) as nothing:
        check(boss, kind, {"name": "Entirely different"})
    with CaptureQueriesContext(db.connection()) as something:
        check(boss, kind, {"name": "Company number 7", "city": "Perth"})
    assert len(nothing) <= 3 and len(something) <= 10, (len(nothing), len(something))
    with CaptureQueriesContext(db.connection()) as writing:
        make(boss, "account", name="One more")
    keys_written = [query["sql"] for query in writing if "engine_matchkey" in query["sql"]]
    assert len(keys_written) == 1, keys_written


def test_of_records_somebody_may_not_see_only_what_was_chosen_is_told(boss: Actor) -> None:
    mine = people.person("mine", "salesperson")
    owner = people.person("owner", "salesperson")
    values = {
        "name": "Hidden Co",
        "phone": "+8675500001111",
        "tax_number": "HID-1",
        "city": "Xiamen",
        "owner": owner.pk,
    }
    make(boss, "account", **values)
    make(boss, "account", name="Hidden Col", owner=owner.pk)
    actor = people.actor(mine)
    matches = check(actor, snapshot().get("account"), {"name": "hidden"}).matches
    assert len(matches) == 1, "what only looks the same is not told of records that are closed"
    shown = matches[0].shown
    assert (shown.id, shown.title, shown.owner, dict(shown.fields)) == (
        None, "Hidden Co", "Person owner", {"Owner": "Person owner"}
    )  # fmt: skip
    with write.change(boss, "test") as door:
        deciding.decide(door, snapshot().get("account"), {}, ["city"])
    people.refreshed()
    shown = check(people.actor(mine), snapshot().get("account"), {"name": "hidden"}).matches[0].shown
    assert (shown.title, shown.owner, dict(shown.fields)) == ("Account", "", {"City": "Xiamen"})


def test_a_field_closed_by_a_role_is_not_looked_at(boss: Actor) -> None:
    mine = people.person("mine", "salesperson")
    make(boss, "account", name="Alpha", tax_number="T-1", owner=mine.pk)
    RoleField.objects.create(role=default_roles()["salesperson"], object="account", field="tax_number", level="hidden")
    registry.bump("access")
    actor = people.actor(mine)
    assert found(actor, "account", name="Other", tax_number="T-1") == {}
    assert list(found(actor, "account", name="alpha").values()) == [("name",)]


def test_is_this_company_taken(boss: Actor) -> None:
    mine, owner = people.person("mine", "salesperson"), people.person("owner", "salesperson")
    make(boss, "account", name="深圳明远科技有限公司", phone="+8675500001111", owner=owner.pk)
    make(boss, "lead", name="Zhao Secret", company="明远科技深圳", owner=owner.pk)
    make(boss, "lead", name="Chen", company="深圳市明远科技有限公司", owner=mine.pk)
    actor = people.actor(mine)
    same, *similar = taken(actor, "深圳明远科技")
    assert same.same and same.shown.title == "深圳明远科技有限公司" and same.shown.id is None
    assert dict(same.shown.fields) == {"Owner": "Person owner"}
    assert [one.shown.title for one in similar] == ["Chen"]
    assert taken(actor, "无此公司名称") == [] and taken(actor, "") == []


def test_settings_are_for_administrators_journaled_and_checked(boss: Actor) -> None:
    kind = snapshot().get("account")
    chief = people.actor(people.person("chief", "sales_manager"))
    for actor, modes, shown, error in (
        (chief, {"name": "block"}, None, Refused),
        (boss, {"name": "shout"}, None, Invalid),
        (boss, {"similar": "block"}, None, Invalid),
        (boss, {"nothing": "warn"}, None, Invalid),
        (boss, {}, ["description"], Invalid),
    ):
        before = dump.database()
        with pytest.raises(error), write.change(actor, "test") as door:
            deciding.decide(door, kind, modes, shown)
        assert dump.database() == before
    block(boss, "account", "tax_number")
    assert DuplicateSetting.objects.get(pk="account").modes["tax_number"] == "block"
    entry = Entry.objects.filter(object="security_policy").latest("id")
    assert entry.changes == {"duplicates.account.tax_number": ["warn", "block"]}


def test_keys_of_records_from_before_are_written_by_a_job(boss: Actor) -> None:
    pks = [make(boss, "account", name=f"Old {number}") for number in range(3)]
    MatchKey.objects.all().delete()
    assert found(boss, "account", name="old 1") == {}
    job = backfill.start(boss)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.status == "done" and job.result["counts"]["records"] >= 3
    assert found(boss, "account", name="old 1")[pks[1]] == ("name",)
    number = MatchKey.objects.count()
    running.run(backfill.start(boss).pk)
    assert MatchKey.objects.count() == number, "nothing is written twice"


def test_the_api_warns_refuses_and_answers(boss: Actor) -> None:
    client = Client(headers={"Authorization": f"Bearer {keys.issue(boss, 'test')[1]}"})

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

    first = post("account", {"name": "Alpha Ltd"})
    assert first.status_code == 201 and "warnings" not in first.json()
    again = post("account", {"name": "ALPHA"})
    assert again.status_code == 201
    assert [(w["code"], w["id"], w["rules"]) for w in again.json()["warnings"]] == [
        ("duplicate", first.json()["id"], ["name"])
    ]
    assert "warnings" not in post("account?allow_duplicates=true", {"name": "alpha"}).json()
    changed = client.patch(
        f"/api/v1/account/{again.json()['id']}", json.dumps({"name": "Alpha GmbH"}), content_type="application/json"
    ).json()
    assert first.json()["id"] in [w["id"] for w in changed["warnings"]]
    assert again.json()["id"] not in [w["id"] for w in changed["warnings"]]
    checked = post("account/duplicates", {"name": "alpha"}).json()
    assert len(checked["matches"]) == 3 and not checked["blocked"]
    rules = client.patch(
        "/api/v1/duplicate-rules",
        json.dumps({"account": {"rules": {"name": "block"}}}),
        content_type="application/json",
    )
    assert rules.status_code == 200 and rules.json()["account"]["rules"]["name"] == "block"
    before = dump.database()
    refused = post("account?allow_duplicates=true", {"name": "alpha"})
    assert refused.status_code == 409 and refused.json()["code"] == "duplicate"
    assert {one["id"] for one in refused.json()["duplicates"]} >= {first.json()["id"]}
    assert {key: value for key, value in dump.database().items() if key != "engine_apikey"} == {
        key: value for key, value in before.items() if key != "engine_apikey"
    }
    told = client.get("/api/v1/taken", {"name": "alpha gmbh"}).json()
    assert told["taken"] and told["data"][0]["title"] == "Alpha Ltd"
    assert client.get("/api/v1/taken", {"q": "x"}).status_code == 400
    assert post("task/duplicates", {"subject": "x"}).status_code == 403
    codes = [client.get("/api/v1/taken", {"name": "alpha"}).status_code for _ in range(25)]
    assert codes.count(429) >= 3, "the search is limited"
