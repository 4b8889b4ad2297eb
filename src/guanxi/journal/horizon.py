"""Reading the journal so that no entry is ever missed.

On PostgreSQL an id is taken before its transaction commits: who reads on from the highest id seen loses the entries of
slower transactions. So every writer holds, from before its first entry to the end of its transaction, a shared advisory lock
that tells the id behind which its entries will stand; the reader stops at the lowest of these. Why nothing is missed:

1. the reader asks for the last id given,
2. then for the locks,
3. then, in a new snapshot, for the entries up to the lower of both.

An entry up to there was given its id before 1, so its writer held a lock by then; at 2 that lock was gone (it would have
been lower), so the writer had committed or rolled back, and 3 sees what there is.

Ids are given while the writer holds the lock on the record, so they are also in the true order of each record; numbers of
transactions are not, and other databases of the server hold them up. SQLite has one writer: ids appear in order.
"""

from __future__ import annotations

from guanxi.journal.era import CURRENT
from guanxi.journal.models import Entry
from guanxi.kernel import db

_SPACE = 0x4758
"""The upper 16 bits of our advisory locks ("GX"); the lower 48 are the id."""
_LAST = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END AS id FROM journal_entry_id_seq"

# The names in these statements are constants; nothing in them comes from outside.
_ANNOUNCE = f"""
WITH last AS MATERIALIZED ({_LAST}),
held AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(({_SPACE}::bigint << 48) + last.id) FROM last)
SELECT {CURRENT}, pg_current_xact_id()::text::bigint FROM held
"""  # noqa: S608

_SETTLED = f"""
WITH last AS MATERIALIZED ({_LAST})
SELECT LEAST(last.id, (
    SELECT MIN(((l.classid::bigint << 32) | l.objid::bigint) & ((1::bigint << 48) - 1)) FROM pg_locks l
    WHERE last.id IS NOT NULL AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid::bigint >> 16 = {_SPACE}
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)) FROM last
"""  # noqa: S608


def announce() -> tuple[int, int]:
    """Tell readers that this transaction is about to write entries; the era and the number of the transaction (0 on SQLite).

    One query. Must come before the transaction's first entry; a savepoint that is rolled back takes it along.
    """
    with db.cursor() as cursor:
        cursor.execute(_ANNOUNCE if db.is_postgresql() else f"SELECT {CURRENT}, 0")
        era, xact = cursor.fetchone()
    return int(era), int(xact)


def settled() -> int | None:
    """The id up to which nothing can appear any more; ``None`` where that holds for every id there is."""
    if not db.is_postgresql():
        return None
    with db.cursor() as cursor:
        cursor.execute(_SETTLED)
        return int(cursor.fetchone()[0])


def after(entry: int, limit: int) -> list[Entry]:
    """The next entries behind an id, in order, as far as they are settled.

    Inside a transaction it must be one that sees what others commit meanwhile, as PostgreSQL's are by default.
    """
    end = settled()
    rows = Entry.objects.filter(pk__gt=entry)
    if end is not None:
        rows = rows.filter(pk__lte=end)
    return list(rows.order_by("pk")[:limit])


def newest() -> int:
    """The id of the last settled entry; 0 when there is none."""
    end = settled()
    rows = Entry.objects.all() if end is None else Entry.objects.filter(pk__lte=end)
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0
