"""Streams get every entry once and in order; a poisonous one is put aside and the rest goes on."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from guanxi.journal import consumers, cursors, delivering, dispatcher, era, replaying
from guanxi.journal.models import Cursor, Delivery, Entry
from guanxi.kernel import db
from guanxi.kernel.errors import GuanxiError
from tests.journal.following import Collecting, Sending, department, departments, following, rename

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_consumer_starts_at_the_present_and_then_gets_everything_in_order() -> None:
    department("before")
    stream = Collecting()
    with following(stream):
        assert dispatcher.run_until_idle() == 0
        made = departments(3)
        rename(made[0], "X")
        assert dispatcher.run_until_idle() >= 4
        assert [entry.record for entry in stream.seen] == [*made, made[0]]
        assert [entry.pk for entry in stream.seen] == sorted(entry.pk for entry in stream.seen)
        assert dispatcher.run_once() == 0


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher, "BATCH", 10)
    stream = Collecting()
    with following(stream):
        departments(25)
        dispatcher.run_until_idle()
        assert [len(batch) for batch in stream.offered] == [10, 10, 5]


def test_one_poisonous_entry_becomes_a_dead_letter_and_the_stream_goes_on() -> None:
    stream = Collecting()
    with following(stream):
        made = departments(20)
        poison = made[7]
        stream.refuse = lambda entry: entry.record == poison
        dispatcher.run_until_idle()
        assert [entry.record for entry in stream.seen] == [pk for pk in made if pk != poison]
        letter = Delivery.objects.get(consumer="collecting")
        assert (letter.status, letter.record, letter.target, letter.error) == ("dead", poison, "", "program")
        assert "poison" in letter.detail

        # Mended, it can be replayed, and is then taken exactly once.
        stream.refuse = lambda entry: False
        assert replaying.replay([letter.pk]) == 1
        assert delivering.work_off() == 1
        assert [entry.record for entry in stream.seen].count(poison) == 1
        assert Delivery.objects.get(consumer="collecting").status == "done"


def test_what_a_refused_batch_wrote_is_rolled_back_with_it() -> None:
    class Writing(Collecting):
        def take(self, entries: Any) -> None:
            for entry in entries:
                Cursor.objects.create(consumer=f"mark-{entry.pk}", entry=entry.pk, moved_at=entry.at)
            super().take(entries)

    stream = Writing()
    with following(stream):
        made = departments(6)
        stream.refuse = lambda entry: entry.record == made[3]
        dispatcher.run_until_idle()
        marks = Cursor.objects.filter(consumer__startswith="mark-").values_list("entry", flat=True)
        assert sorted(marks) == sorted(entry.pk for entry in stream.seen)
        assert len(marks) == 5


def test_trouble_of_the_database_is_nobodys_fault_and_is_tried_again() -> None:
    class Away(Collecting):
        def take(self, entries: Any) -> None:
            raise OperationalError("the server closed the connection")

    stream, other = Away("away"), Collecting("beside")
    with following(stream, other):
        department()
        before = Cursor.objects.get(pk="away").entry
        dispatcher.run_once()
        assert Cursor.objects.get(pk="away").entry == before
        assert not Delivery.objects.exists()
        assert len(other.seen) == 1  # the others are not held up


def test_a_delivery_consumer_that_cannot_name_its_targets_keeps_a_dead_letter() -> None:
    class Lost(Sending):
        broken = True

        def targets(self, entries: Any) -> Any:
            if self.broken:
                raise KeyError("no such thing")
            return super().targets(entries)

    sender = Lost()
    with following(sender):
        department()
        dispatcher.run_until_idle()
        letter = Delivery.objects.get()
        assert (letter.status, letter.target) == ("dead", "")
        sender.broken = False
        replaying.replay([letter.pk])
        delivering.work_off()
        delivering.work_off()
        assert [target for target, _event in sender.handed] == ["1"]


def test_two_consumers_cannot_have_one_name() -> None:
    with following(Collecting("one")), pytest.raises(GuanxiError):
        consumers.register(Sending("one"))
    with pytest.raises(GuanxiError):
        consumers.register(Collecting("x" * 41))


def test_an_idle_program_asks_one_query(django_assert_num_queries: Any) -> None:
    from guanxi.journal.pump import Pump

    with following(Collecting(), Sending()):
        dispatcher.run_until_idle()
        pump = Pump()
        with django_assert_num_queries(1):
            assert not pump.turn()
        department()
        names, due = cursors.waiting()
        assert {"collecting", "sending"} <= names and not due


def test_the_lag_counts_what_waits() -> None:
    stream = Collecting()
    with following(stream):
        departments(4)
        lag = next(lag for lag in cursors.lags(["collecting"]) if lag.consumer == "collecting")
        assert (lag.entries, lag.more) == (4, False)
        assert lag.since is not None
        dispatcher.run_until_idle()
        lag = next(lag for lag in cursors.lags(["collecting"]) if lag.consumer == "collecting")
        assert (lag.entries, lag.since) == (0, None)


def test_a_new_era_orders_after_the_old_one_whatever_the_numbers() -> None:
    stream = Collecting()
    with following(stream):
        first = department("old")
        dispatcher.run_until_idle()
        assert era.current() == 1
        assert era.begin() == 2
        second = department("new")
        dispatcher.run_until_idle()
        assert [(entry.era, entry.record) for entry in stream.seen] == [(1, first), (2, second)]


def test_a_restored_database_is_told_by_its_transactions() -> None:
    department()
    assert not era.is_over()
    if not db.is_postgresql():
        return
    # As after pg_restore into a younger cluster: the entries there are carry transactions that are still to come.
    Entry.objects.update(xact=2**40)
    assert era.is_over()
    stream = Collecting()
    consumers.register(stream)
    try:
        cursors.start([stream.name])
        assert era.begin() == 2
        assert not era.is_over()
        made = department("after")
        dispatcher.run_until_idle()
        assert made in [entry.record for entry in stream.seen]
    finally:
        consumers.unregister(stream.name)
