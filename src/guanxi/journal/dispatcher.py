"""Giving the journal's entries to its consumers, in order, each exactly once per consumer.

A batch and the move of the cursor are one transaction. Whoever holds the row of the cursor is the consumer's only
dispatcher; others pass it by. On SQLite the transaction itself is alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from django.db import InterfaceError, OperationalError

from guanxi.journal import consumers, cursors, horizon
from guanxi.journal.consumers import DeliveryConsumer
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock, db

BATCH = 500
"""Entries per transaction."""
LONGEST = 2000
"""Characters kept of an error."""
TRANSIENT = (OperationalError, InterfaceError)
"""The database's own troubles: they pass, and no entry is to blame."""

Take = Callable[[Sequence[Entry]], None]
log = logging.getLogger("guanxi.journal")


def run_once(only: Collection[str] | None = None) -> int:
    """Give every consumer (or those named) its next batch, as far as entries are settled; how many entries were given.

    A consumer in trouble does not hold up the others; it is tried again next time.
    """
    takers: dict[str, Take] = {consumer.name: consumer.take for consumer in consumers.streams()}
    takers |= {consumer.name: _fan_out(consumer) for consumer in consumers.deliveries()}
    cursors.start(takers)
    handled = 0
    for name, take in takers.items():
        if only is None or name in only:
            try:
                handled += _advance(name, take)
            except TRANSIENT:
                log.exception("%s could not be given its entries; it is tried again", name)
    return handled


def run_until_idle() -> int:
    """Give every consumer all there is for it."""
    total = 0
    while handled := run_once():
        total += handled
    return total


def _advance(name: str, take: Take) -> int:
    with db.atomic():
        cursor = cursors.locked(name)
        if cursor is None:
            return 0
        entries = horizon.after(cursor.entry, BATCH)
        if not entries:
            return 0
        letters = _feed(take, entries)
        if letters:
            _keep(name, letters)
        cursors.move(cursor, entries[-1].pk)
    return len(entries)


def _feed(take: Take, entries: Sequence[Entry]) -> list[tuple[Entry, Exception]]:
    """Give the entries; those that cannot be taken, found by halving, with the reason."""
    try:
        with db.atomic():
            take(entries)
    except TRANSIENT:
        raise
    except Exception as error:
        if len(entries) == 1:
            return [(entries[0], error)]
        middle = len(entries) // 2
        return _feed(take, entries[:middle]) + _feed(take, entries[middle:])
    return []


def _keep(name: str, letters: Sequence[tuple[Entry, Exception]]) -> None:
    """Dead letters of a consumer: rows without a target, which can be replayed like any other."""
    rows = []
    for entry, error in letters:
        log.error("%s could not take entry %s; kept as a dead letter", name, entry.pk, exc_info=error)
        row = delivery(name, "", entry)
        row.status, row.error, row.detail = Delivery.DEAD, "program", told(error)
        row.attempts, row.first_at, row.finished_at = 1, row.created_at, row.created_at
        rows.append(row)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def told(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {error}"[:LONGEST]


def _fan_out(consumer: DeliveryConsumer) -> Take:
    """What turns entries into waiting deliveries of a consumer."""
    return lambda entries: fan_out(consumer, entries)


def fan_out(consumer: DeliveryConsumer, entries: Sequence[Entry], only: str | None = None) -> None:
    """Add a waiting delivery for each target of each entry (or the one given), unless there is one already."""
    targets = consumer.targets(entries)
    rows = [
        delivery(consumer.name, target, entry)
        for entry in entries
        for target in targets.get(entry.pk, ())
        if only is None or target == only
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def delivery(consumer: str, target: str, entry: Entry) -> Delivery:
    """A waiting delivery, not stored yet."""
    now = clock.now()
    return Delivery(
        consumer=consumer,
        target=target,
        entry=entry,
        object=entry.object,
        record=entry.record,
        key=f"{entry.era}-{entry.xact}-{entry.pk}:{consumer}:{target}",
        created_at=now,
        next_at=now,
    )
