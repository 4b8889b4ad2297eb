"""Eight writers at once on PostgreSQL, some slow, some rolled back: no entry is missed, none comes out of order.

The same run is watched by a reader that goes by ``id > last``, as one would at first: it loses entries, so the test can
fail.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from django.db import OperationalError

from guanxi.engine import write
from guanxi.journal import consumers, cursors, dispatcher
from guanxi.journal.models import Entry
from guanxi.kernel import db
from tests.support import people

WRITERS = 8
RECORDS = 300
ROLLED_BACK = 0.05
SLOW = 0.04


def competitors(number: int) -> list[int]:
    """New records that may be changed independently of each other."""
    with write.change(people.program(), "test") as door:
        return [made.pk for made in door.create_many("competitor", [{"name": f"C{i}"} for i in range(number)])]


class RolledBack(Exception):
    """What ends one transaction in twenty."""


@dataclass
class Watch:
    """A stream consumer that keeps ids only: in memory what was committed, in the order given."""

    name: str = "watch"
    seen: list[int] = field(default_factory=list)

    def take(self, entries: Sequence[Entry]) -> None:
        self.seen += [entry.pk for entry in entries]


class Load:
    """The writers, the dispatcher and the naive reader, each in threads of its own."""

    def __init__(self, records: list[int], entries: int) -> None:
        self.records = sorted(records)
        self.wanted = entries
        self.written = 0
        self.rolled_back = 0
        self.naive: list[int] = []
        self.watch = Watch()
        self.counter = iter(range(1, 2**31))
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.failures: list[BaseException] = []

    def run(self) -> None:
        readers = [threading.Thread(target=self._guarded, args=(work, 0)) for work in (self._dispatch, self._naively)]
        writers = [threading.Thread(target=self._guarded, args=(self._write, seed)) for seed in range(WRITERS)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        self.over.set()
        for thread in readers:
            thread.join()
        assert not self.failures, self.failures

    def _guarded(self, work, seed: int) -> None:
        try:
            work(random.Random(seed))
        except BaseException as error:
            self.failures.append(error)
        finally:
            db.close_all()

    def _write(self, dice: random.Random) -> None:
        actor = people.program()
        while self.written < self.wanted and not self.failures:
            chosen = sorted(dice.sample(self.records, dice.choice((1, 1, 2, 5, 40))))
            try:
                self._change(actor, dice, chosen)
            except (RolledBack, OperationalError) as error:
                if isinstance(error, OperationalError) and "deadlock" not in str(error):
                    raise
                with self.lock:
                    self.rolled_back += 1
            else:
                with self.lock:
                    self.written += len(chosen)

    def _change(self, actor, dice: random.Random, chosen: list[int]) -> None:
        with write.change(actor, "test") as door:
            # In two parts: a transaction begins to write long before it comes to its last record.
            for part in (chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]):
                if part:
                    door.update_each("competitor", {pk: {"strengths": str(next(self.counter))} for pk in part})
                if dice.random() < SLOW:
                    time.sleep(dice.uniform(0.02, 0.2))
            if dice.random() < ROLLED_BACK:
                raise RolledBack

    def _dispatch(self, dice: random.Random) -> None:
        while not self.over.is_set():
            if not dispatcher.run_once([self.watch.name]):
                time.sleep(0.002)
        while dispatcher.run_once([self.watch.name]):
            pass

    def _naively(self, dice: random.Random) -> None:
        last, ended = self.records[0] and Entry.objects.order_by("-id").values_list("id", flat=True)[0], False
        while not ended:
            ended = self.over.is_set()
            found = list(Entry.objects.filter(id__gt=last).order_by("id").values_list("id", flat=True)[:500])
            self.naive += found
            last = found[-1] if found else last
            ended = ended and not found
            time.sleep(0.002)


def prove(entries: int) -> str:
    """Run the load and check it; the figures."""
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    records = competitors(RECORDS)
    first = Entry.objects.order_by("-id").values_list("id", flat=True)[0]
    load = Load(records, entries)
    consumers.register(load.watch)
    cursors.start([load.watch.name])
    begun = time.monotonic()
    try:
        load.run()
    finally:
        consumers.unregister(load.watch.name)
    seconds = time.monotonic() - begun

    rows = {row.pk: row for row in Entry.objects.filter(id__gt=first)}
    assert len(rows) == load.written >= entries
    assert load.rolled_back > 0
    missed = set(rows) - set(load.watch.seen)
    assert not missed, f"{len(missed)} entries were missed"
    assert len(load.watch.seen) == len(set(load.watch.seen)) == len(rows)
    assert broken_chains([rows[pk] for pk in load.watch.seen]) == 0
    lost = len(set(rows) - set(load.naive))
    assert lost > 0, "the naive reader lost nothing: the load proves nothing"
    by_transaction = broken_chains(sorted(rows.values(), key=lambda row: (row.xact, row.pk)))
    return (
        f"{len(rows):,} entries in {seconds:.0f} s, {load.rolled_back:,} transactions rolled back; missed 0, "
        f"out of order 0; the naive reader lost {lost:,} ({lost / len(rows):.1%}); "
        f"by transaction number {by_transaction:,} out of order"
    )


def broken_chains(rows: Sequence[Entry]) -> int:
    """How many entries do not follow from the one before them of the same record."""
    last: dict[int, str | None] = defaultdict(lambda: None)
    broken = 0
    for row in rows:
        before, after = row.changes["strengths"]
        broken += before != last[row.record]
        last[row.record] = after
    return broken


@pytest.mark.django_db(transaction=True)
def test_no_entry_is_missed_and_none_is_out_of_order() -> None:
    print(prove(3_000))


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_nor_among_two_hundred_thousand() -> None:
    print(prove(200_000))


@pytest.mark.django_db(transaction=True)
def test_an_open_transaction_holds_back_what_comes_after_it_and_nothing_else_does() -> None:
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    slow, fast = competitors(2)
    watch = Watch()
    consumers.register(watch)
    cursors.start([watch.name])
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with write.change(people.program(), "test") as door:
            door.update("competitor", slow, {"strengths": "1"})
            entered.set()
            leave.wait(20)
        db.close_all()

    def other() -> None:
        with db.atomic(), db.cursor() as cursor:  # a transaction that writes, but nothing of ours
            cursor.execute("CREATE TEMPORARY TABLE of_others (x int)")
            entered.set()
            leave.wait(20)
        db.close_all()

    try:
        for work, read in ((hold, 0), (other, 3)):
            entered.clear()
            leave.clear()
            thread = threading.Thread(target=work)
            thread.start()
            assert entered.wait(20)
            with write.change(people.program(), "test") as door:
                door.update("competitor", fast, {"strengths": str(2 + read)})
            while dispatcher.run_once():
                pass
            assert len(watch.seen) == read
            leave.set()
            thread.join()
            while dispatcher.run_once():
                pass
        assert len(watch.seen) == 3
    finally:
        consumers.unregister(watch.name)
