"""Counting failed attempts to sign in, so that guessing takes years.

The counters are rows of the database: they hold over several processes and machines, and an attempt is counted before it is
made, so that many at once do not slip through together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from guanxi.access.signin import Attempt
from guanxi.kernel import clock, db

FORGOTTEN_AFTER = timedelta(days=1)
"""Attempts are forgotten when nothing has happened for so long."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One attempt: whether it may be made, and whether it was the last one before a lock."""

    allowed: bool
    last: bool = False
    minutes: int = 0
    """Minutes to wait, where it may not be made."""


def take(kind: str, who: str, tries: int, minutes: int) -> Taken:
    """Count an attempt by ``who`` (a name or an address, as ``kind`` says); after ``tries`` of them it has to wait."""
    if tries <= 0 or minutes <= 0:
        return Taken(True)
    now = clock.now()
    with db.atomic():
        Attempt.objects.get_or_create(key=_key(kind, who), defaults={"last_at": now})
        row = Attempt.objects.select_for_update().get(key=_key(kind, who))
        if row.locked_until is not None and row.locked_until > now:
            return Taken(False, minutes=_minutes(row.locked_until - now))
        if row.locked_until is not None or now - row.last_at > FORGOTTEN_AFTER:
            row.count, row.locked_until = 0, None
        row.count, row.last_at = row.count + 1, now
        if row.count >= tries:
            row.locked_until = now + timedelta(minutes=minutes)
        row.save()
    return Taken(True, last=row.locked_until is not None)


def give_back(kind: str, who: str) -> None:
    """The attempt was right: it does not count, those before it still do."""
    with db.atomic():
        row = Attempt.objects.select_for_update().filter(key=_key(kind, who)).first()
        if row is not None:
            row.count, row.locked_until = max(row.count - 1, 0), None
            row.save()


def forget(kind: str, who: str) -> bool:
    """Forget every attempt, and with them the lock; whether there were any."""
    return bool(Attempt.objects.filter(key=_key(kind, who)).delete()[0])


def sweep(before: datetime) -> int:
    """Remove counters that nobody has touched since; the number removed."""
    return Attempt.objects.filter(last_at__lt=before).delete()[0]


def _key(kind: str, who: str) -> str:
    """Names that were typed may hold passwords typed into the wrong field: only their keyed hash is kept."""
    return salted_hmac("guanxi.attempt", f"{kind}:{who}", algorithm="sha256").hexdigest()


def _minutes(left: timedelta) -> int:
    return max(1, -(-int(left.total_seconds()) // 60))
