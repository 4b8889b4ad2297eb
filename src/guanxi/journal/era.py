"""The era of the journal: which life of the database an entry belongs to.

A database restored from a backup gives ids a second time, for something else. The era is part of every idempotency key, so
that receivers outside do not take the new for the old.
"""

from __future__ import annotations

from guanxi.journal.models import Entry, Era
from guanxi.kernel import clock, db

CURRENT = "COALESCE((SELECT number FROM journal_era WHERE id = 1), 1)"
"""SQL for the number of the present era."""


def current() -> int:
    """The number of the present era."""
    return Era.objects.filter(pk=1).values_list("number", flat=True).first() or 1


def begin() -> int:
    """Begin a new era; its number. Changes that are just being written still belong to the present one."""
    with db.atomic():
        number = current() + 1
        Era.objects.update_or_create(pk=1, defaults={"number": number, "began_at": clock.now()})
    return number


def is_over() -> bool:
    """Whether the newest entry of the present era comes from a transaction that is still to come: then the database was
    restored from a backup. Can be told on PostgreSQL alone."""
    if not db.is_postgresql():
        return False
    newest = Entry.objects.order_by("-id").first()
    if newest is None or newest.era != current():
        return False
    with db.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return newest.xact >= int(cursor.fetchone()[0])
