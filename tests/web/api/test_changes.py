"""The feed of changes: everything in order, nothing missed, nothing that the reader may not see."""

from __future__ import annotations

import json
import random
import threading
import time
from typing import Any

import pytest
from django.db import OperationalError

from guanxi.access.models import Role, RoleField
from guanxi.engine import write
from guanxi.journal import era
from guanxi.journal.models import Entry
from guanxi.kernel import db
from guanxi.schema import registry
from tests.support import people
from tests.support.samples import Samples
from tests.web.api.calling import Program, administrator

# What one transaction writes is settled only when it ends: each request here has one of its own.
pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 6


def read_on(program: Program, after: str, **query: str) -> tuple[list[dict[str, Any]], str]:
    """Everything behind a place, and the place behind it."""
    found: list[dict[str, Any]] = []
    while True:
        asked = "&".join(f"{key}={value}" for key, value in {"after": after, "limit": "7", **query}.items())
        page = json.loads(program.ask("GET", f"changes?{asked}").content)
        found += page["data"]
        after = page["next"]
        if not page["more"]:
            return found, after


def test_the_life_of_a_record_in_order() -> None:
    program = administrator()
    start = program.ask("GET", "changes?after=latest").json()
    assert (start["data"], start["more"]) == ([], False)
    pk = program.ask("POST", "account", {"name": "One"}).json()["id"]
    program.ask("PATCH", f"account/{pk}", {"city": "Suzhou"})
    assert read_on(program, start["next"])[0][1]["changes"] == {"city": {"before": None, "after": "Suzhou"}}
    program.ask("DELETE", f"account/{pk}")
    program.ask("POST", f"account/{pk}/restore")
    program.ask("DELETE", f"account/{pk}")
    program.ask("DELETE", f"account/{pk}?purge=true")
    found, place = read_on(program, start["next"], object="account")
    assert [one["verb"] for one in found] == ["created", "updated", "deleted", "restored", "deleted", "purged"]
    assert [one["changes"] for one in found] == [{}] * 6, "it was removed for good, and what it held with it"
    assert {(one["object"], one["record"], one["cause"]) for one in found} == {("account", pk, "api")}
    assert read_on(program, place) == ([], place)
    assert program.ask("GET", "changes?after=zzz").status_code == 400
    assert program.ask("GET", "changes?object=zzz").status_code == 404


def test_only_what_the_reader_may_see() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    RoleField.objects.create(role=Role.objects.get(key="salesperson"), object="account", field="city", level="hidden")
    RoleField.objects.create(
        role=Role.objects.get(key="salesperson"), object="account", field="phone", level="read", mask="all"
    )
    registry.bump("access")
    people.refreshed()
    samples = Samples()
    mine = samples.create("account", name="Mine", city="Suzhou", phone="+8613800138000", owner=seller.pk).pk
    theirs = samples.create("account", name="Theirs", owner=other.pk).pk
    found, _place = read_on(Program(seller), "0")
    assert [one["record"] for one in found if one["object"] == "account"] == [mine]
    changes = next(one["changes"] for one in found if one["object"] == "account")
    assert "city" not in changes and changes["phone"]["after"] == "+86****8000"
    assert changes["name"]["after"] == "Mine"
    with write.change(people.program(), "test") as door:
        door.delete("account", [mine, theirs])
    found, _place = read_on(Program(seller), "0", object="account")
    assert [(one["record"], one["verb"]) for one in found] == [(mine, "created"), (mine, "deleted")]
    assert (
        read_on(Program(people.person("nobody")), "0", object="user")[0]
        == read_on(Program(other), "0", object="user")[0]
    )


def test_a_place_of_another_life_of_the_database_is_gone() -> None:
    program = administrator()
    place = program.ask("GET", "changes?after=latest").json()["next"]
    era.begin()
    gone = program.ask("GET", f"changes?after={place}")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert program.ask("GET", "changes?after=latest").json()["next"].startswith("2-")


def test_nothing_is_missed_while_many_write() -> None:
    """A reader that goes by the highest id seen would lose what slower writers commit later."""
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    _prove(1500)


@pytest.mark.soak
def test_nothing_is_missed_at_length() -> None:
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    _prove(40_000)


def _prove(wanted: int) -> None:
    program = administrator()
    with write.change(people.program(), "test") as door:
        records = [made.pk for made in door.create_many("competitor", [{"name": f"C{i}"} for i in range(100)])]
    place = program.ask("GET", "changes?after=latest").json()["next"]
    first = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    over, failures, naive = threading.Event(), list[BaseException](), list[int]()
    seen: list[str] = []

    def writing(seed: int) -> None:
        dice, actor = random.Random(seed), people.program()
        try:
            for number in range(wanted // WRITERS // 2):
                chosen = sorted(dice.sample(records, 2))
                try:
                    with write.change(actor, "test") as door:
                        for pk in chosen:
                            door.update("competitor", pk, {"strengths": f"{seed} {number} {pk}"})
                            if dice.random() < 0.05:
                                time.sleep(dice.uniform(0.005, 0.05))
                except OperationalError as error:
                    if "deadlock" not in str(error):
                        raise
        except BaseException as error:
            failures.append(error)
        finally:
            db.close_all()

    def reading() -> None:
        after, ended = place, False
        try:
            while not ended:
                ended = over.is_set()
                found, after = read_on(program, after, object="competitor", limit="50")
                seen.extend(one["id"] for one in found)
                last = naive[-1] if naive else first
                naive.extend(Entry.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True))
        except BaseException as error:
            failures.append(error)
        finally:
            db.close_all()

    writers = [threading.Thread(target=writing, args=(seed,)) for seed in range(WRITERS)]
    reader = threading.Thread(target=reading)
    for thread in (*writers, reader):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    reader.join()
    assert not failures, failures
    written = list(Entry.objects.filter(pk__gt=first).order_by("pk").values_list("pk", flat=True))
    assert seen == [f"1-{pk}" for pk in written]
    lost = len(written) - len(set(naive) & set(written))
    print(f"feed: {len(written)} entries, none missed; by id > last {lost} would have been")
    assert len(written) >= wanted * 0.8
