"""How far each consumer has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce

from guanxi.journal import horizon
from guanxi.journal.models import Cursor, Delivery, Entry
from guanxi.kernel import clock, db, prepared

BOUND = 10_000


def start(names: Iterable[str]) -> None:
    """Give every consumer that has no cursor yet one at the present: what happened before is not its business."""
    known = set(Cursor.objects.values_list("consumer", flat=True))
    missing = [name for name in names if name not in known]
    if missing:
        present = horizon.newest()
        rows = [Cursor(consumer=name, entry=present, moved_at=clock.now()) for name in missing]
        Cursor.objects.bulk_create(rows, ignore_conflicts=True)


def locked(name: str) -> Cursor | None:
    """The cursor, held until the transaction ends; ``None`` while another dispatcher holds it, or when there is none.

    SQLite needs no lock on the row: a transaction there is alone from its beginning.
    """
    return Cursor.objects.select_for_update(skip_locked=True).filter(pk=name).first()


def move(cursor: Cursor, entry: int) -> None:
    """Set the cursor behind an entry, within the transaction of what was done with it."""
    Cursor.objects.filter(pk=cursor.pk).update(entry=entry, moved_at=clock.now())


def latest_behind(name: str, limit: int) -> list[tuple[Any, ...]]:
    """Object and record of the newest entries that a consumer has not taken yet, newest first."""
    return prepared.rows(_not_taken, name, shape=limit)


def _not_taken(name: str, limit: int) -> QuerySet[Any]:
    taken = Coalesce(Subquery(Cursor.objects.filter(pk=name).values("entry")), 0)
    return Entry.objects.filter(pk__gt=taken).order_by("-pk").values_list("object", "record")[:limit]


_WAITING = """
SELECT c.consumer FROM journal_cursor c WHERE EXISTS (SELECT 1 FROM journal_entry e WHERE e.id > c.entry)
UNION ALL SELECT '' WHERE EXISTS (
    SELECT 1 FROM journal_delivery d
    WHERE d.status = 'waiting' AND d.next_at <= %s AND (d.claimed_until IS NULL OR d.claimed_until <= %s)
)
"""


def waiting() -> tuple[frozenset[str], bool]:
    """The consumers with entries to take, and whether deliveries are due: the one query of an idle program."""
    with db.cursor() as cursor:
        cursor.execute(_WAITING, [_moment(), _moment()])
        found = {row[0] for row in cursor.fetchall()}
    return frozenset(found - {""}), "" in found


def _moment() -> Any:
    return db.connection().ops.adapt_datetimefield_value(clock.now())


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a consumer is behind."""

    consumer: str
    entries: int
    """How many entries wait for it, counted up to 10,000."""
    more: bool
    since: datetime | None
    """When the oldest of them was written."""
    moved_at: datetime | None
    waiting: int
    """Its deliveries that wait."""
    dead: int


def lags(names: Iterable[str]) -> list[Lag]:
    """The lag of these consumers and of every other that ever ran here."""
    held = {cursor.pk: cursor for cursor in Cursor.objects.all()}
    counts = _counts()
    found = []
    for name in dict.fromkeys([*names, *sorted(held)]):
        cursor = held.get(name)
        number, since = _behind(cursor.entry) if cursor else (0, None)
        found.append(
            Lag(
                consumer=name,
                entries=min(number, BOUND),
                more=number > BOUND,
                since=since,
                moved_at=cursor.moved_at if cursor else None,
                waiting=counts.get((name, Delivery.WAITING), 0),
                dead=counts.get((name, Delivery.DEAD), 0),
            )
        )
    return found


def _counts() -> dict[tuple[str, str], int]:
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT consumer, status, COUNT(*) FROM journal_delivery WHERE status IN ('waiting', 'dead')"
            " GROUP BY consumer, status"
        )
        return {(consumer, status): number for consumer, status, number in cursor.fetchall()}


def _behind(entry: int) -> tuple[int, datetime | None]:
    """How many entries stand behind an id, settled or not, and when the first of them was written."""
    rows = Entry.objects.filter(pk__gt=entry).order_by("pk")
    since = rows.values_list("change_set__at", flat=True).first()
    return rows[: BOUND + 1].count(), since
