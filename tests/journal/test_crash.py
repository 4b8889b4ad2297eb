"""Web and worker are killed again and again under load: nothing acknowledged is lost, nothing else is half there, and every
entry has exactly one effect everywhere."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from guanxi.access.models import SecurityPolicy
from guanxi.domains.integration import webhook_events
from guanxi.domains.sales.models import StageChange
from guanxi.engine import keys, write
from guanxi.journal import consumers
from guanxi.journal.models import Cursor, Delivery, Entry
from guanxi.kernel import db
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.domains import pipelines
from tests.journal.crash_app import EFFECTS
from tests.journal.crashing import ROOT, Load, Process, until
from tests.journal.receiving import Receiver, receiving
from tests.support import people
from tests.support.databases import copied

WRITERS = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def company(receiver: Receiver) -> dict[str, Any]:
    """An administrator with a key, a pipeline, and a webhook for everything; records for the mass updates."""
    root = people.person("root", administrator=True)
    pipeline = pipelines.standard()
    account = pipelines.create("account", name="Customer")
    rivals = [pipelines.create("competitor", name=f"Bulk {number}").pk for number in range(12)]
    SecurityPolicy.objects.create(pk=1, values={"outbound_allowed": [f"localhost:{receiver.port}"]})
    registry.bump("access")
    people.refreshed()
    with write.change(people.actor(root), "test") as door:
        door.create("webhook", {"name": "Crash", "url": receiver.url, "events": "*"})
    with db.cursor() as cursor:
        cursor.execute(EFFECTS)
    open_stages = [pk for name, pk in pipeline.stages.items() if name not in ("Won", "Lost", "Void")][:3]
    return {
        "rivals": rivals,
        "load": {
            "key": keys.issue(people.actor(root), "crash")[1],
            **{"username": "root", "account": account.pk, "pipeline": pipeline.pipeline, "stages": open_stages},
        },
    }


def prove(folder: Path, kills: int) -> str:
    """Load, kill, and check; the figures."""
    with receiving() as receiver:
        made = company(receiver)
        first = Entry.objects.latest("id").pk
        try:
            with copied(folder) as url:
                port = free_port()
                environment = {k: v for k, v in os.environ.items() if not k.startswith("GUANXI_")} | {
                    **{"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.journal.crash_settings"},
                    **{"GUANXI_DATA_DIR": str(folder), "GUANXI_CONFIG": str(folder / "guanxi.toml")},
                    **{"GUANXI_SECRET_KEY": settings.SECRET_KEY, "GUANXI_PORT": str(port), "PYTHONPATH": str(ROOT)},
                }
                (folder / "guanxi.toml").touch()
                load = Load(address=f"http://localhost:{port}", **made["load"])
                figures = run(load, environment, folder, kills, made["rivals"])
                return figures + check(load, receiver, first)
        finally:
            with db.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS crash_effect")


def run(load: Load, environment: dict[str, str], folder: Path, kills: int, rivals: list[int]) -> str:
    dice = random.Random(kills)
    web, worker = (Process(name, environment, folder) for name in ("web", "worker"))
    killed: Counter[str] = Counter()
    begun = time.monotonic()
    try:
        web.start()
        worker.start()
        until("the web answers", lambda: answers(load))
        until("the consumers have begun", lambda: Cursor.objects.filter(pk="effects").exists())
        threads = [threading.Thread(target=load.run, args=(seed,)) for seed in range(WRITERS)]
        threads.append(threading.Thread(target=load.run_bulk, args=(rivals,)))
        for thread in threads:
            thread.start()
        for _ in range(kills):
            # Mostly while it works, sometimes while it is still starting.
            if dice.random() < 0.8:
                until("the web answers", lambda: answers(load))
                time.sleep(dice.uniform(0.0, 0.8))
            else:
                time.sleep(dice.uniform(0.0, 2.0))
            for process in dice.choice(((web,), (worker,), (web, worker))):
                process.kill()
                process.start()
                killed[process.name] += 1
        until("the web answers", lambda: answers(load))
        time.sleep(1.0)
        load.over.set()
        for thread in threads:
            thread.join()
        until("everything has been taken and delivered", caught_up)
    finally:
        load.over.set()
        web.close()
        worker.close()
    seconds = time.monotonic() - begun
    return f"{killed['web']} kills of web, {killed['worker']} of worker in {seconds:.0f} s; "


def answers(load: Load) -> bool:
    return requests.get(f"{load.address}/signin", timeout=5).status_code == 200


def caught_up() -> bool:
    newest = Entry.objects.latest("id").pk
    behind = Cursor.objects.filter(entry__lt=newest).exists()
    return not behind and not Delivery.objects.filter(status="waiting").exists()


def check(load: Load, receiver: Receiver, first: int) -> str:
    assert load.refused == []
    entries = list(Entry.objects.filter(id__gt=first).order_by("id"))
    acknowledged = sum(one.acknowledged for one in load.writes)
    in_doubt = len(load.writes) - acknowledged
    ways = Counter(one.verb for one in load.writes if one.acknowledged)
    assert set(ways) == {"create", "update", "move", "delete", "bulk"}, ways
    check_writes(load, entries)
    check_records(entries)
    moves = check_stages()
    effects = check_effects(entries)
    searched = check_search()
    sent = check_webhook(entries, receiver)
    return (
        f"{acknowledged:,} writes acknowledged ({', '.join(f'{n} {verb}' for verb, n in ways.items())}), "
        f"{in_doubt} in doubt, {len(entries):,} entries: all acknowledged ones "
        f"present, none half; {moves:,} stage changes, {effects:,} stream effects, {searched}{sent:,} webhook events, "
        f"each once ({len(receiver.received) - sent} repetitions told by their id)"
    )


def check_writes(load: Load, entries: list[Entry]) -> None:
    """By its word: an acknowledged write is there once for each of its records, one in doubt whole or not at all."""
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for word in {after for _before, after in entry.changes.values() if isinstance(after, str)}:
            told[word].append(entry)
    deleted = Counter(entry.record for entry in entries if entry.object == "competitor" and entry.verb == "deleted")
    for one in load.writes:
        if one.verb == "delete":
            assert deleted[one.records[0]] in ((1,) if one.acknowledged else (0, 1)), one
            continue
        number = len(one.records) or 1
        found = told[one.word]
        assert len(found) in ((number,) if one.acknowledged else (0, number)), (one, len(found))
        if found:
            assert len({entry.change_set_id for entry in found}) == 1, one


def check_records(entries: list[Entry]) -> None:
    """Each record stands as its last entry says, and there is none without entries."""
    values: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
    deleted: dict[tuple[str, int], bool] = {}
    created: Counter[tuple[str, int]] = Counter()
    for entry in entries:
        place = (entry.object, entry.record)
        values[place] |= {key: after for key, (_before, after) in entry.changes.items()}
        deleted[place] = entry.verb == "deleted" or (deleted.get(place, False) and entry.verb != "restored")
        created[place] += entry.verb == "created"
    for key, names in (("competitor", ("name", "strengths", "weaknesses")), ("opportunity", ("name", "next_step"))):
        rows: dict[int, Any] = {row.pk: row for row in snapshot().get(key).model._default_manager.all()}
        for (object_key, record), after in values.items():
            if object_key != key:
                continue
            for name in names:
                if name in after:
                    assert getattr(rows[record], name) == after[name], (key, record, name)
            assert (rows[record].deleted_at is not None) == deleted[key, record], (key, record)
        ours = [pk for pk, row in rows.items() if row.name.startswith("w") and row.name.endswith("x")]
        assert all(created[key, pk] == 1 for pk in ours)


def check_stages() -> int:
    """The stage history has one row for each stage an opportunity came to, in that order."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for entry in Entry.objects.filter(object="opportunity").order_by("id"):
        if "stage" in entry.changes:
            wanted[entry.record].append(entry.changes["stage"][1])
    found: dict[int, list[int]] = defaultdict(list)
    for row in StageChange.objects.order_by("id"):
        found[row.opportunity_id].append(row.to_stage_id)
    assert found == wanted
    return sum(len(stages) for stages in found.values())


def check_effects(entries: list[Entry]) -> int:
    with db.cursor() as cursor:
        cursor.execute("SELECT entry, COUNT(*) FROM crash_effect GROUP BY entry")
        found = dict(cursor.fetchall())
    assert found == {entry.pk: 1 for entry in entries}
    return len(found)


def check_search() -> str:
    """The search index, where the program has it, holds exactly the live records."""
    if consumers.stream_consumer("search") is None:
        return ""
    from guanxi.engine.search.tables import SearchDocument

    number = 0
    for key in ("competitor", "opportunity"):
        rows: Any = snapshot().get(key).model._default_manager
        # What was there before the load is the business of the first rebuild.
        live = set(rows.filter(deleted_at=None, name__startswith="w").values_list("pk", flat=True))
        ours = set(rows.filter(name__startswith="w").values_list("pk", flat=True))
        held = Counter(SearchDocument.objects.filter(object=key, record__in=ours).values_list("record", flat=True))
        assert held == Counter(dict.fromkeys(live, 1)), key
        number += len(live)
    return f"{number:,} search documents, "


def check_webhook(entries: list[Entry], receiver: Receiver) -> int:
    events = webhook_events.parsed("*")
    wanted = {
        f"evt_{entry.era}-{entry.xact}-{entry.pk}"
        for entry in entries
        if webhook_events.wants(events, entry.object, entry.verb)
    }
    assert {message.id for message in receiver.received} == wanted
    assert not Delivery.objects.exclude(status="done").exists()
    order: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, message in {
        message.id: (n, message) for n, message in reversed(list(enumerate(receiver.received)))
    }.values():
        del number
        order[message.data["object"], message.data["record"]].append(int(message.id.rpartition("-")[2]))
    assert all(ids == sorted(ids, reverse=True) for ids in order.values())
    return len(wanted)


@pytest.mark.django_db(transaction=True)
def test_kills_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    print(prove(tmp_path, 5))


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_nor_do_fifty_kills(tmp_path: Path) -> None:
    print(prove(tmp_path, 60))
