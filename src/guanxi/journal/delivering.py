"""Handing deliveries over: claimed by any number of workers, retried over three days, in order per record of each target."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import get_random_string

from guanxi.journal import consumers
from guanxi.journal.consumers import NotDelivered
from guanxi.journal.dispatcher import TRANSIENT, fan_out, told
from guanxi.journal.models import Delivery
from guanxi.kernel import clock, db

CLAIM = 2
"""Deliveries claimed at once."""
LEASE = timedelta(seconds=120)
"""How long a claim holds: longer than all of them take, so that only a dead worker's claim runs out."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=6)
RETRY_FOR = timedelta(days=3)
"""From the first attempt to the last; then it is a dead letter."""
KEEP_DONE = timedelta(days=30)
SWEEP = 1000
LONGEST = 2000
"""Characters kept of an answer and of an error."""

log = logging.getLogger("guanxi.journal")


def work_off(stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim deliveries and hand them over until none is due or the worker is stopping; how many were tried."""
    worker = get_random_string(20)
    tried = 0
    while not stopping() and (claimed := claim(worker)):
        for delivery in claimed:
            if stopping():
                Delivery.objects.filter(claimed_by=worker).update(claimed_until=None, claimed_by="")
                break
            if _still_ours(delivery):
                hand_over(delivery)
                tried += 1
    return tried


def claim(worker: str, limit: int = CLAIM) -> list[Delivery]:
    """Deliveries that are due, now reserved for this worker. Of each record and target only the first is offered."""
    now = clock.now()
    with db.atomic():
        due = Delivery.objects.filter(
            _free(now), status=Delivery.WAITING, next_at__lte=now, consumer__in=consumers.names()
        )
        due = due.filter(~Exists(_earlier())).order_by("next_at", "id")
        found = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        ids = [delivery.pk for delivery in found]
        until = now + LEASE
        Delivery.objects.filter(pk__in=ids).update(claimed_until=until, claimed_by=worker)
    entries = Delivery.objects.filter(pk__in=ids, claimed_by=worker).select_related("entry")
    by_id = {delivery.pk: delivery for delivery in entries}
    return [by_id[pk] for pk in ids if pk in by_id]


def _free(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=now)


def _earlier() -> QuerySet[Delivery]:
    """Waiting deliveries of the same record to the same target that come before."""
    same = {name: OuterRef(name) for name in ("consumer", "target", "object", "record")}
    return Delivery.objects.filter(status=Delivery.WAITING, entry_id__lt=OuterRef("entry_id"), **same)


def _still_ours(delivery: Delivery) -> bool:
    return delivery.claimed_until is not None and clock.now() < delivery.claimed_until


def hand_over(delivery: Delivery) -> None:
    """Try one claimed delivery and write down what came of it, unless another worker has taken it over meanwhile."""
    delivery.attempts += 1
    delivery.first_at = delivery.first_at or clock.now()
    try:
        _give(delivery)
    except NotDelivered as error:
        _failed(delivery, error.code, error.detail, final=error.final)
    except TRANSIENT:
        raise  # our own database is away: the claim runs out, and the delivery comes again
    except Exception as error:
        log.warning("Delivery %s failed", delivery.key, exc_info=error)
        _failed(delivery, "program", told(error), final=False)
    else:
        delivery.status, delivery.error, delivery.detail = Delivery.DONE, "", delivery.detail[:LONGEST]
        _finish(delivery)


def _give(delivery: Delivery) -> None:
    outside = consumers.delivery_consumer(delivery.consumer)
    inside = consumers.stream_consumer(delivery.consumer)
    if outside is not None and delivery.target:
        outside.deliver(delivery, delivery.entry)
    elif outside is not None:
        with db.atomic():
            fan_out(outside, [delivery.entry])
    elif inside is not None:
        with db.atomic():
            # Done in the transaction of the effect: a replayed entry is taken once, even if two workers have it.
            ours = Delivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by, status=Delivery.WAITING)
            if ours.update(status=Delivery.DONE):
                inside.take([delivery.entry])


def _failed(delivery: Delivery, code: str, detail: str, *, final: bool) -> None:
    delivery.error, delivery.detail = code[:40], detail[:LONGEST]
    assert delivery.first_at is not None
    last = delivery.first_at + RETRY_FOR
    if final or clock.now() >= last or not delivery.target:
        delivery.status = Delivery.DEAD
        _finish(delivery)
        return
    delivery.next_at = at = min(clock.now() + pause(delivery.attempts), last)
    _write(delivery, ("attempts", "first_at", "next_at", "error", "detail", "request", "response_status", "response"))
    # Those behind it cannot go before it; until then nobody need look at them.
    _behind(delivery).filter(next_at__lt=at).update(next_at=at)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, doubled each time, at most 6 h, and up to a fifth more or less, so that
    what failed together does not come back together."""
    doubled = min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311  not a secret


def _finish(delivery: Delivery) -> None:
    delivery.finished_at = clock.now()
    _write(delivery, None)
    if delivery.attempts > 1 or delivery.status == Delivery.DEAD:
        _behind(delivery).filter(next_at__gt=clock.now()).update(next_at=clock.now())


def _write(delivery: Delivery, names: tuple[str, ...] | None) -> None:
    """Store what came of an attempt and give the claim back; nothing if the claim is another worker's by now."""
    every = (
        "status",
        "attempts",
        "first_at",
        "finished_at",
        "error",
        "detail",
        "request",
        "response_status",
        "response",
    )
    values = {name: getattr(delivery, name) for name in names or every}
    ours = Delivery.objects.filter(pk=delivery.pk, claimed_by=delivery.claimed_by)
    ours.update(**values, claimed_until=None, claimed_by="")


def _behind(delivery: Delivery) -> QuerySet[Delivery]:
    """Waiting deliveries that have not been tried yet, of the same record and target."""
    return Delivery.objects.filter(
        consumer=delivery.consumer,
        target=delivery.target,
        object=delivery.object,
        record=delivery.record,
        status=Delivery.WAITING,
        attempts=0,
    ).exclude(pk=delivery.pk)


def sweep() -> int:
    """Forget deliveries done more than 30 days ago, in small transactions; how many."""
    before = clock.now() - KEEP_DONE
    total = 0
    while True:
        old = Delivery.objects.filter(status=Delivery.DONE, finished_at__lt=before).order_by("id")
        ids = list(old.values_list("pk", flat=True)[:SWEEP])
        if not ids:
            return total
        total += Delivery.objects.filter(pk__in=ids).delete()[0]
