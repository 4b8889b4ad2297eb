"""Merging: what moves, what is chosen, what is refused; and that undo gives back the state before, to the last row."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from guanxi.access.actor import Actor
from guanxi.access.models import Grant, User
from guanxi.engine import keys, preferences, write
from guanxi.engine.files import attach
from guanxi.engine.merging import merge, survivor_of
from guanxi.engine.models import StoredFile
from guanxi.engine.notifications.following import follow, follows
from guanxi.engine.undo import undo
from guanxi.kernel import clock
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid, NotFound, Refused
from guanxi.schema.models import CustomField
from guanxi.schema.registry import bump, snapshot
from tests.engine.undo.test_any_sequence import same, state
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Actor:
    """An administrator."""
    return people.actor(people.person("boss", administrator=True))


def make(actor: Actor, key: str, **values: Any) -> int:
    """A new record."""
    with write.change(actor, "test") as door:
        return int(door.create(key, values).pk)


def read(key: str, pk: int) -> Any:
    """A record."""
    return snapshot().get(key).model._default_manager.get(pk=pk)


class Family:
    """Three accounts that are one company, with everything that can hang on an account."""

    def __init__(self, boss: Actor) -> None:
        self.boss = boss
        CustomField.objects.create(
            object="contact", key="works_for", kind="links", label_en="Works for", label_zh="服务于",
            properties={"target": "account"},
        )  # fmt: skip
        bump("schema")
        people.refreshed()
        self.first, self.second, self.third = (
            make(boss, "account", name=f"Huawei {number}", phone=phone, city=city)
            for number, phone, city in ((1, None, "Shenzhen"), (2, "+8675528780808", None), (3, "+861082829999", None))
        )
        self.outside = make(boss, "account", name="Holding")
        self.child = make(boss, "account", name="Subsidiary", parent=self.second)
        self.contact = make(boss, "contact", name="Li", account=self.second, works_for=(self.second, self.outside))
        self.other = make(boss, "contact", name="Wang", account=self.first)
        Samples().create("opportunity_line")
        self.deal = make(boss, "opportunity", name="Deal", account=self.third, contact=self.contact)
        self.task = make(boss, "task", subject="Call", about=f"account:{self.second}", account=self.second)
        self.note = make(boss, "activity", subject="Met", kind="call", account=self.third)
        tags = [make(boss, "tag", name=name) for name in ("Key", "Export")]
        for pk, tag in zip((self.first, self.second), tags, strict=True):
            self.change("account", pk, tags=(tag,))
        self.kept = make(boss, "affiliation", account=self.first, contact=self.contact)
        self.doubled = make(boss, "affiliation", account=self.second, contact=self.contact, job_title="Director")
        self.moved = make(boss, "affiliation", account=self.third, contact=self.other)
        self.follower = people.person("follower", "salesperson")
        attach(boss, "account", self.second, "contract.txt", BytesIO(b"text"), 4)
        follow(people.actor(self.follower), "account", self.third)
        preferences.update(people.actor(self.follower), favourites=[f"account:{self.second}", "account:99"])
        Grant.objects.create(
            object="account", record=self.third, principal_kind="user", principal=self.follower.pk, level="write",
            cause="manual", created_at=clock.now(),
        )  # fmt: skip
        bump("access")
        people.refreshed()

    def change(self, key: str, pk: int, **values: Any) -> None:
        """Change a record."""
        with write.change(self.boss, "test") as door:
            door.update(key, pk, values)

    def merge(self, **choices: Any) -> int:
        """All three into the first one; the change set."""
        return merge(self.boss, "account", self.first, [self.second, self.third], choices).change_set


def test_everything_that_belongs_to_three_accounts_is_with_the_one_that_stays(boss: Actor) -> None:
    family = Family(boss)
    family.merge(phone=family.third)
    account = read("account", family.first)
    assert (account.name, account.phone, account.city) == ("Huawei 1", "+861082829999", "Shenzhen")
    assert account.last_contacted_at == read("activity", family.note).happened_at
    assert read("contact", family.contact).account_id == family.first
    assert read("account", family.child).parent_id == family.first
    assert read("opportunity", family.deal).account_id == family.first
    assert read("activity", family.note).account_id == family.first
    task = read("task", family.task)
    assert (task.account_id, task.about) == (family.first, f"account:{family.first}")
    client = Client(headers={"Authorization": f"Bearer {keys.issue(boss, 'test')[1]}"})
    seen = client.get(f"/api/v1/account/{family.first}").json()
    assert len(seen["tags"]) == 2
    assert client.get(f"/api/v1/contact/{family.contact}").json()["works_for"] == [family.first, family.outside]
    assert read("affiliation", family.moved).account_id == family.first
    assert read("affiliation", family.doubled).deleted_at is not None
    assert read("affiliation", family.kept).job_title == "Director", "what the doubled one said is kept"
    assert StoredFile.objects.get(name="contract.txt").record == family.first
    assert follows(people.actor(family.follower), "account", family.first)
    held = preferences.get(people.actor(User.objects.get(pk=family.follower.pk))).favourites
    assert held == [f"account:{family.first}", "account:99"]
    assert Grant.objects.filter(object="account", record=family.first, principal=family.follower.pk).exists()
    for loser in (family.second, family.third):
        assert read("account", loser).deleted_at is not None
        assert survivor_of("account", loser) == family.first


def test_unmerge_gives_back_the_identical_state_and_redo_merges_again(boss: Actor) -> None:
    family = Family(boss)
    before, rows = state(), dump.database()
    merged = family.merge(phone=family.second)
    after = state()
    undone = undo(boss, merged)
    assert undone.refused == []
    same(state(), before)
    now = dump.database()
    for table in ("access_grant", "engine_follow", "engine_storedfile", "schema_link", "engine_mergedinto"):
        assert _values(now[table]) == _values(rows[table]), table
    assert now["access_user"] == rows["access_user"], "favourites"
    assert survivor_of("account", family.second) is None
    again = undo(boss, undone.change_set or 0)
    same(state(), after)
    assert survivor_of("account", family.second) == family.first
    assert undo(boss, again.change_set or 0).refused == []
    same(state(), before)


def _values(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(str({key: value for key, value in row.items() if key != "id"}) for row in rows)


def test_a_merge_that_was_worked_on_is_not_undone_and_the_refusal_names_what(boss: Actor) -> None:
    family = Family(boss)
    merged = family.merge(phone=family.third)
    family.change("account", family.first, phone="+8613800138000", industry=None)
    family.change("contact", family.contact, account=family.outside)
    before = dump.database()
    with pytest.raises(Conflict) as told:
        undo(boss, merged)
    assert "merge is undone as a whole" in told.value.message
    assert "Huawei 1: Person boss has changed it since (Phone)" in told.value.message
    assert "Li: Person boss has changed it since (Account)" in told.value.message
    assert dump.database() == before
    family.change("account", family.first, phone="+861082829999")
    family.change("contact", family.contact, account=family.first, name="Li Ming")
    with pytest.raises(Conflict):
        undo(boss, merged)


def test_later_work_that_is_not_lost_stays_with_the_survivor(boss: Actor) -> None:
    family = Family(boss)
    merged = family.merge()
    family.change("account", family.first, description="Worked on")
    family.change("contact", family.contact, job_title="CEO")
    new = make(boss, "contact", name="New", account=family.first)
    assert undo(boss, merged).refused == []
    assert read("account", family.first).description == "Worked on"
    contact = read("contact", family.contact)
    assert (contact.job_title, contact.account_id) == ("CEO", family.second)
    assert read("contact", new).account_id == family.first


def test_undo_of_one_record_of_a_merge_is_undo_of_the_merge(boss: Actor) -> None:
    family = Family(boss)
    before = state()
    undo(boss, family.merge(), [("account", family.first)])
    same(state(), before)


def test_a_hierarchy_never_turns_in_a_circle(boss: Actor) -> None:
    top = make(boss, "account", name="Top")
    loser = make(boss, "account", name="Loser", parent=top)
    between = make(boss, "account", name="Between", parent=loser)
    survivor = make(boss, "account", name="Survivor", parent=between)
    before = state()
    done = merge(boss, "account", survivor, [loser])
    assert read("account", between).parent_id == survivor
    assert read("account", survivor).parent_id == top
    undo(boss, done.change_set)
    same(state(), before)


def test_merges_in_a_row_lead_to_the_last_and_are_undone_in_turn(boss: Actor) -> None:
    one, two, three = (make(boss, "contact", name=name) for name in ("A", "B", "C"))
    first = merge(boss, "contact", two, [one])
    second = merge(boss, "contact", three, [two])
    assert survivor_of("contact", one) == three
    with pytest.raises(Conflict, match="deleted or restored"):
        undo(boss, first.change_set)
    undo(boss, second.change_set)
    assert undo(boss, first.change_set).refused == []
    assert survivor_of("contact", one) is None


def test_a_lead_takes_its_conversion_along_with_its_status(boss: Actor) -> None:
    new = make(boss, "lead", name="Zhang", company="Acme")
    old = make(boss, "lead", name="Zhang", company="Acme Ltd")
    Samples().create("opportunity_line")
    with write.change(boss, "test") as door:
        door.act("lead", old, "convert", {"create_opportunity": False})
    account = read("lead", old).account_id
    merge(boss, "lead", new, [old], {"status": old})
    lead = read("lead", new)
    assert (lead.status, lead.account_id) == ("converted", account) and lead.converted_at is not None


def test_what_is_refused_changes_nothing(boss: Actor) -> None:
    samples = Samples()
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    own, theirs = samples.create("account", owner=mine.pk).pk, samples.create("account", owner=other.pk).pk
    second = samples.create("account", owner=mine.pk).pk
    manager = people.actor(people.person("chief", "sales_manager"))
    before = dump.database()
    tries: list[tuple[type[GuanxiError], Actor, str, int, list[int], dict[str, Any]]] = [
        (Refused, people.actor(mine), "account", own, [second], {}),
        (NotFound, boss, "account", own, [10**9], {}),
        (Invalid, boss, "account", own, [own], {}),
        (Invalid, boss, "account", own, [], {}),
        (Invalid, boss, "account", own, list(range(1000, 1012)), {}),
        (Invalid, boss, "account", own, [second], {"number": second}),
        (Invalid, boss, "account", own, [second], {"phone": theirs}),
        (Invalid, boss, "account", own, [second], {"phone": "all"}),
        (Refused, boss, "task", samples.create("task").pk, [1], {}),
    ]
    before = dump.database()
    for error, actor, key, survivor, losers, choices in tries:
        with pytest.raises(error):
            merge(actor, key, survivor, losers, choices)
        assert dump.database() == before, (error, key)
    with pytest.raises(Conflict):
        merge(boss, "account", own, [second], versions={second: 99})
    assert dump.database() == before
    del manager


def test_the_api_merges_and_leads_on(boss: Actor) -> None:
    one, two = (
        make(boss, "contact", name=name, mobile=mobile) for name, mobile in (("A", None), ("B", "+8613800138000"))
    )
    client = Client(headers={"Authorization": f"Bearer {keys.issue(boss, 'test')[1]}"})
    url = f"/api/v1/contact/{one}/merge"
    wrong = client.post(url, json.dumps({"records": "x"}), content_type="application/json")
    assert wrong.status_code == 400 and "list of record ids" in wrong.json()["detail"]
    body = json.dumps({"records": [two], "values": {"name": two}, "versions": {str(one): 1}})
    done = client.post(url, body, content_type="application/json")
    assert done.status_code == 200, done.content
    assert done.json()["record"]["name"] == "B" and done.json()["record"]["mobile"] == "+8613800138000"
    gone = client.get(f"/api/v1/contact/{two}")
    assert (gone.status_code, gone.headers["Location"]) == (301, f"/api/v1/contact/{one}")
    told = client.get(f"/api/v1/contact/{one}/history").json()["data"]
    assert "merged" in [line["verb"] for line in told]
    taken = client.post(f"/api/v1/change-sets/{done.json()['change_set']}/undo", "{}", content_type="application/json")
    assert taken.status_code == 200, taken.content
    assert client.get(f"/api/v1/contact/{two}").json()["mobile"] == "+8613800138000"


def test_who_may_not_merge_is_not_told_more(boss: Actor) -> None:
    user = people.person("reader", "salesperson")
    one, two = (make(boss, "contact", name=name) for name in ("Hidden one", "Hidden two"))
    merge(boss, "contact", one, [two])
    client = Client(headers={"Authorization": f"Bearer {keys.issue(people.actor(user), 'test')[1]}"})
    assert client.get(f"/api/v1/contact/{two}").status_code == 404
    closed = client.post(
        f"/api/v1/contact/{one}/merge", json.dumps({"records": [two]}), content_type="application/json"
    )
    assert closed.status_code in (403, 404) and b"Hidden" not in closed.content
