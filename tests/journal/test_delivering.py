"""Deliveries: in order per record, retried over three days, then dead, replayed on request; taken over from dead workers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guanxi.journal import delivering, dispatcher, replaying
from guanxi.journal.consumers import NotDelivered
from guanxi.journal.models import Delivery
from guanxi.kernel import clock
from tests.journal.following import Sending, department, departments, following, later, rename

pytestmark = pytest.mark.django_db(transaction=True)


def fails(delivery: Delivery) -> Exception:
    return NotDelivered("status", "500")


def test_each_entry_goes_to_each_target_once() -> None:
    sender = Sending(targets=("1", "2"))
    with following(sender):
        departments(3)
        dispatcher.run_until_idle()
        dispatcher.run_until_idle()
        assert Delivery.objects.count() == 6
        assert delivering.work_off() == 6
        assert delivering.work_off() == 0
        assert len(set(sender.handed)) == len(sender.handed) == 6
        assert set(Delivery.objects.values_list("status", flat=True)) == {"done"}


def test_what_follows_on_one_record_waits_for_the_first_and_other_records_do_not() -> None:
    sender = Sending()
    with following(sender):
        first, other = departments(2)
        for name in ("A", "B"):
            rename(first, name)
        dispatcher.run_until_idle()
        chain = list(Delivery.objects.filter(record=first).order_by("entry_id"))
        sender.fail = lambda delivery: fails(delivery) if delivery.record == first else None
        delivering.work_off()
        assert [delivery.attempts for delivery in Delivery.objects.filter(record=first).order_by("entry_id")] == [
            1,
            0,
            0,
        ]
        assert Delivery.objects.get(record=other).status == "done"

        sender.fail, sender.handed = lambda delivery: None, []
        assert delivering.work_off() == 0  # not due yet
        with later(minutes=5):
            delivering.work_off()
        assert [event for _target, event in sender.handed] == [delivery.event for delivery in chain]


def test_a_dead_one_lets_the_next_go() -> None:
    sender = Sending()
    with following(sender):
        record = department()
        rename(record, "A")
        dispatcher.run_until_idle()
        sender.fail = lambda delivery: NotDelivered("gone", final=True) if delivery.pk == first else None
        first = Delivery.objects.order_by("entry_id").values_list("pk", flat=True)[0]
        delivering.work_off()
        assert list(Delivery.objects.order_by("entry_id").values_list("status", flat=True)) == ["dead", "done"]


def test_retries_grow_for_three_days_and_then_it_is_dead() -> None:
    sender = Sending()
    sender.fail = fails
    with following(sender):
        department()
        dispatcher.run_until_idle()
        pauses = []
        begun = now = clock.now()
        while (delivery := Delivery.objects.get()).status == "waiting":
            with clock.frozen(now):
                assert delivering.work_off() == 1
            following_one = Delivery.objects.get()
            if following_one.status == "waiting":
                pauses.append(following_one.next_at - now)
                now = following_one.next_at
        assert delivery.status == "dead" and delivery.error == "status" and delivery.detail == "500"
        assert timedelta(days=2.5) < now - begun <= timedelta(days=3)
        assert timedelta(seconds=4) <= pauses[0] <= timedelta(seconds=6)
        assert all(pause <= timedelta(hours=6) * 1.2 for pause in pauses)
        assert 18 <= delivery.attempts <= 30
        assert len({event for _target, event in sender.handed}) == 1  # the key is the same at every attempt
        keys = {delivering.pause(4) for _ in range(20)}
        assert len(keys) > 10  # jitter


def test_replay_of_one_of_all_dead_and_of_everything_since() -> None:
    sender = Sending(targets=("1", "2"))
    sender.fail = lambda delivery: NotDelivered("gone", final=True) if delivery.target == "1" else None
    with following(sender):
        moment = clock.now()
        record = department()
        rename(record, "A")
        dispatcher.run_until_idle()
        delivering.work_off()
        assert Delivery.objects.filter(status="dead", target="1").count() == 2
        sender.fail, sender.handed = lambda delivery: None, []

        one = Delivery.objects.filter(status="dead").latest("entry_id")
        assert replaying.replay([one.pk]) == 1
        delivering.work_off()
        assert sender.handed == [("1", one.event)]

        assert replaying.replay_dead("sending", "2") == 0
        assert replaying.replay_dead("sending", "1") == 1
        delivering.work_off()
        assert Delivery.objects.filter(status="done").count() == 4

        # Everything since a moment, also what was swept meanwhile, in the order of the record.
        Delivery.objects.filter(target="2").order_by("entry_id")[0].delete()
        sender.handed = []
        assert replaying.replay_since("sending", moment, "2") == 2
        delivering.work_off()
        events = [delivery.event for delivery in Delivery.objects.filter(target="2").order_by("entry_id")]
        assert sender.handed == [("2", event) for event in events]
        assert replaying.replay_since("sending", clock.now()) == 0


def test_a_dead_workers_claim_runs_out_and_another_takes_over() -> None:
    sender = Sending()
    with following(sender):
        department()
        dispatcher.run_until_idle()
        (dead_workers,) = delivering.claim("killed")
        assert delivering.claim("other") == []
        with later(minutes=1):
            assert delivering.claim("other") == []
        with later(minutes=3):
            assert delivering.work_off() == 1
        assert len(sender.handed) == 1
        # Whoever comes back late changes nothing any more.
        sender.fail = fails
        delivering.hand_over(dead_workers)
        assert Delivery.objects.get().status == "done"


def test_a_worker_that_stops_gives_back_what_it_only_claimed() -> None:
    sender = Sending()
    with following(sender):
        departments(3)
        dispatcher.run_until_idle()
        assert delivering.work_off(lambda: len(sender.handed) >= 1) == 1
        assert Delivery.objects.filter(status="waiting", claimed_until=None).count() == 2


def test_errors_of_the_program_are_retried_and_told() -> None:
    sender = Sending()
    sender.fail = lambda delivery: KeyError("x")
    with following(sender):
        department()
        dispatcher.run_until_idle()
        delivering.work_off()
        delivery = Delivery.objects.get()
        assert (delivery.status, delivery.error, delivery.attempts) == ("waiting", "program", 1)
        assert "KeyError" in delivery.detail


def test_old_done_ones_are_swept_and_dead_ones_kept() -> None:
    sender = Sending(targets=("1", "2"))
    sender.fail = lambda delivery: NotDelivered("gone", final=True) if delivery.target == "2" else None
    with following(sender):
        department()
        dispatcher.run_until_idle()
        delivering.work_off()
        assert delivering.sweep() == 0
        with later(days=31):
            assert delivering.sweep() == 1
        assert Delivery.objects.get().status == "dead"
