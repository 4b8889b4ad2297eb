"""As of any moment, everything that can be read equals what was read then."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine import keys, past, read, write
from guanxi.engine.undo import undo
from guanxi.journal.models import ChangeSet
from guanxi.kernel import clock
from guanxi.kernel.errors import GuanxiError, Invalid
from guanxi.schema.registry import snapshot
from tests.engine.undo.test_any_sequence import Work
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
OBJECTS = ("account", "contact", "opportunity", "opportunity_line", "task", "activity", "lead")
MOMENTS = 100
_STAMPS = ("updated_at", "updated_by")
"""When a record was last touched is not history: it says so itself."""


def seen(actor: Any) -> dict[str, Any]:
    """Everything an actor reads of every object: rows with every field, the recycle bin, counts, sums and the board."""
    found: dict[str, Any] = {}
    for key in OBJECTS:
        kind = snapshot().get(key)
        columns = tuple(field.key for field in actor.visible_fields(kind) if field.key not in _STAMPS)
        for deleted in (False, True):
            listing = read.Listing(columns=columns, sort="created_at", size=500, deleted=deleted)
            page = read.page(actor, key, listing)
            found[f"{key} {deleted}"] = [(row.id, row.title, dict(row.values)) for row in page.rows]
            found[f"{key} {deleted} count"] = page.count
            found[f"{key} {deleted} labels"] = {k: v for k, v in page.labels.items() if k[0] != "user"}
    board = read.board(actor, "opportunity", None)
    found["board"] = [(one.value, one.count, one.amount, [row.id for row in one.rows]) for one in board.columns]
    found["sums"] = read.sums(actor, "opportunity", None, ["amount"])
    return found


@pytest.mark.parametrize("seed", range(2))
def test_a_hundred_random_moments_are_as_they_were(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(seed + 100)
    reader = people.actor(people.person("reader", administrator=True))
    now = clock.now()
    kept: list[tuple[datetime, dict[str, Any]]] = []
    while len(kept) < MOMENTS // 2:
        now += timedelta(hours=1)
        with clock.frozen(now):
            done = work.act()
            if done is not None and work.rng.random() < 0.15:
                undo(work.actor, done)
        kept.append((now + timedelta(minutes=work.rng.randint(1, 50)), seen(reader)))
    with clock.frozen(now + timedelta(days=1)):
        for moment, then in random.Random(seed).sample(kept, len(kept)):
            with past.looking_back(reader, moment, OBJECTS) as looking:
                found = seen(looking)
            for name, value in then.items():
                assert found[name] == value, (name, moment)
        assert seen(reader) == kept[-1][1], "and today is as it is"


@pytest.fixture
def deal() -> dict[str, Any]:
    """An opportunity of Li that was given to Wang, and then changed; with the moments between."""
    li, wang = people.person("li", "salesperson"), people.person("wang", "salesperson")
    start = clock.now() - timedelta(days=10)
    with clock.frozen(start):
        made = Samples().create("opportunity", owner=li.pk, name="Old name", amount=100_00)
    program = people.program()
    for days, values in ((2, {"owner": wang.pk}), (4, {"name": "New name", "amount": 900_00})):
        with clock.frozen(start + timedelta(days=days)), write.change(program, "test") as door:
            door.update("opportunity", made.pk, values)
    return {"pk": made.pk, "li": li, "wang": wang, "start": start}


def test_who_sees_it_today_sees_it_as_it_was_and_nobody_else(deal: dict[str, Any]) -> None:
    moment = deal["start"] + timedelta(days=1)
    for name, expected in (("wang", ["Old name"]), ("li", [])):
        actor = people.actor(User.objects.get(pk=deal[name].pk))
        with past.looking_back(actor, moment, ["opportunity"]) as looking:
            rows = read.page(looking, "opportunity", read.Listing(columns=("name", "owner"))).rows
            assert [row.title for row in rows] == expected
            for row in rows:
                assert row.values["owner"] == deal["li"].pk and not row.editable
        assert Opportunity.objects.get(pk=deal["pk"]).name == "New name"


def test_nothing_can_be_written_while_looking_back(deal: dict[str, Any]) -> None:
    actor = people.actor(User.objects.get(pk=deal["wang"].pk))
    sets = ChangeSet.objects.count()
    with (
        past.looking_back(actor, deal["start"] + timedelta(days=1), ["opportunity"]) as looking,
        pytest.raises(GuanxiError),
        write.change(looking, "test") as door,
    ):
        door.update("opportunity", deal["pk"], {"name": "Rewritten"})
    assert ChangeSet.objects.count() == sets
    assert Opportunity.objects.get(pk=deal["pk"]).name == "New name"


def test_too_much_and_days_to_come_are_refused_in_words(deal: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    actor = people.actor(User.objects.get(pk=deal["wang"].pk))
    for text in ("2999-01-01", "yesterday", "2026-13-01", ""):
        with pytest.raises(Invalid):
            past.moment_of(text, actor)
    monkeypatch.setattr("guanxi.engine.past.rolling.LIMIT", 1)
    back = past.looking_back(actor, deal["start"] + timedelta(days=1), ["opportunity"])
    with pytest.raises(past.TooMuch, match="Choose a later day"), back:
        raise AssertionError
    assert Opportunity.objects.filter(pk=deal["pk"]).exists()


def test_pages_and_api_as_of_a_day(deal: dict[str, Any]) -> None:
    client = Client()
    client.login(username="wang", password="wang")
    day = (deal["start"] + timedelta(days=1)).date().isoformat()
    assert "New name" in client.get("/o/opportunity").content.decode()
    assert client.post("/as-of", {"day": day, "next": "/o/opportunity"}).status_code == 303
    for address in ("/o/opportunity", "/o/opportunity?layout=board", f"/o/opportunity/{deal['pk']}"):
        page = client.get(address).content.decode()
        assert "Old name" in page and "New name" not in page and "Back to today" in page, address
    refused = client.post(f"/o/opportunity/{deal['pk']}/delete")
    assert refused.status_code == 403 and "earlier day" in refused.content.decode()
    assert client.get("/").status_code == 200
    client.post("/as-of/end", {"next": "/o/opportunity"})
    assert "New name" in client.get("/o/opportunity").content.decode()
    _key, secret = keys.issue(people.actor(User.objects.get(pk=deal["wang"].pk)), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    for address in ("/api/v1/opportunity", f"/api/v1/opportunity/{deal['pk']}"):
        told = json.dumps(api.get(address, {"as_of": day}).json())
        assert "Old name" in told and "New name" not in told
        assert "New name" in json.dumps(api.get(address).json())
    assert api.get("/api/v1/opportunity", {"as_of": "soon"}).status_code == 422
