"""Giving deliveries again: one, some, all dead ones of a target, or everything since a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from guanxi.journal import consumers
from guanxi.journal.dispatcher import BATCH, fan_out
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock, db


def replay(ids: Iterable[int]) -> int:
    """Let these deliveries go again, whatever came of them; how many. Those that wait already go at once."""
    return _again(Delivery.objects.filter(pk__in=list(ids)))


def replay_dead(consumer: str, target: str | None = None) -> int:
    """Let every dead delivery of a consumer (of one of its targets, if given) go again; how many."""
    rows = Delivery.objects.filter(consumer=consumer, status=Delivery.DEAD)
    return _again(rows if target is None else rows.filter(target=target))


def replay_since(consumer: str, since: datetime, target: str | None = None) -> int:
    """Let everything since a moment go again, also what was swept; how many deliveries. Receivers know them by their key.

    For consumers with effects outside only: effects in the database happen once.
    """
    known = consumers.delivery_consumer(consumer)
    if known is None:
        return 0
    number, last = 0, 0
    while True:
        entries = list(Entry.objects.filter(change_set__at__gte=since, pk__gt=last).order_by("pk")[:BATCH])
        if not entries:
            return number
        last = entries[-1].pk
        with db.atomic():
            fan_out(known, entries, target)
            rows = Delivery.objects.filter(consumer=consumer, entry__in=entries).exclude(target="")
            number += _again(rows if target is None else rows.filter(target=target))


def _again(rows: QuerySet[Delivery]) -> int:
    now = clock.now()
    # What a worker is just handing over is left to it.
    free = rows.exclude(status=Delivery.WAITING, claimed_until__gt=now)
    return free.update(
        status=Delivery.WAITING,
        attempts=0,
        first_at=None,
        next_at=now,
        finished_at=None,
        error="",
        detail="",
        response_status=None,
        response="",
        claimed_until=None,
        claimed_by="",
    )
