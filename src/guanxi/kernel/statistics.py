"""What the planners know of the tables: counted anew where they have grown, without waiting for anybody else to do so."""

from __future__ import annotations

from django.db import OperationalError, models

from guanxi.kernel import db

LEAST = 1000
"""Shorter tables are not counted: what is known of an almost empty table misleads as soon as it fills."""
PAGES = 16
"""The same for PostgreSQL, in pages of 8 KiB."""
GROWN = 2
LOOSE = 4
"""A table that takes so many times the place that its rows need is packed, if that is worth it."""
WORTH = 64 * 2**20
LOOKED_AT = 10_000
"""Entries of each index that SQLite looks at. Counting holds the one place of a writer, so it may not take long."""


def refresh() -> list[str]:
    """Count the tables that have become twice as long since they were counted last; their names.

    Without this SQLite takes every index for a good one, and looks a person's million records through for fifty that are
    named. PostgreSQL counts by itself, but once a minute at most, and where that is switched off never: until then it
    reads a table from end to end which it takes for an empty one. SQLite's open connections learn of it when they are
    opened anew.
    """
    return _refresh_postgresql() if db.is_postgresql() else _refresh_sqlite()


def sweep(*kept: type[models.Model]) -> None:
    """Free what was taken back in these tables for what is written next; outside a transaction.

    PostgreSQL keeps rows that were rolled back, with an entry in every index, until it comes by. After a million of them
    each new one costs as if it were the millionth. SQLite keeps none.
    """
    if not db.is_postgresql() or db.in_transaction():
        return
    quote = db.connection().ops.quote_name
    with db.cursor() as cursor:
        for model in kept:
            cursor.execute(f"VACUUM (SKIP_LOCKED) {quote(model._meta.db_table)}")


def pack(model: type[models.Model], row: int) -> bool:
    """Give a table's place back where little of it is used, its rows taking about ``row`` bytes with their entries in
    all indexes; whether that was done. Outside a transaction, after :func:`sweep`.

    A table of which most rows were taken away keeps its length on PostgreSQL, and its rows lie apart from each other: to
    read four thousand of them from the index took as many pages. Nobody reads the table while it is packed, which takes
    a second or two for each GiB; so it is left for another time where somebody else does not leave it at once.
    """
    if not db.is_postgresql() or db.in_transaction():
        return False
    table = model._meta.db_table
    with db.cursor() as cursor:
        quoted = db.connection().ops.quote_name(table)
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [table])
        if (size := cursor.fetchone()[0]) <= WORTH:
            return False
        # Sweeping has not looked at every page, and takes the others to be as full as they were.
        cursor.execute(f"ANALYZE {quoted}")
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        if size <= LOOSE * row * cursor.fetchone()[0]:
            return False
        cursor.execute("SET lock_timeout = '300ms'")
        try:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {quoted}")
        except OperationalError:
            return False
        finally:
            cursor.execute("RESET lock_timeout")
    return True


def _refresh_postgresql() -> list[str]:
    with db.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace "
            "AND c.relowner = current_user::regrole AND pg_relation_size(c.oid) >= 8192 * %s::bigint "
            "AND (pg_relation_size(c.oid) >= 8192 * %s * c.relpages::bigint "
            "OR NOT EXISTS (SELECT FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = c.relname))",
            [PAGES, GROWN],
        )
        grown = [name for (name,) in cursor.fetchall()]
        for name in grown:
            cursor.execute(f"ANALYZE {db.connection().ops.quote_name(name)}")
    return grown


def _refresh_sqlite() -> list[str]:
    grown = []
    quote = db.connection().ops.quote_name
    with db.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        for name, known in _counted().items():
            least = max(LEAST, GROWN * known)
            # The first and the last id tell how long a table is at most; one that is emptied again and again, little.
            cursor.execute(
                f"SELECT (SELECT MAX(rowid) FROM {quote(name)}) - (SELECT MIN(rowid) FROM {quote(name)}) + 1"  # noqa: S608
            )
            if (cursor.fetchone()[0] or 0) >= least:
                cursor.execute(f"ANALYZE {quote(name)}")
                grown.append(name)
    return grown


def _counted() -> dict[str, int]:
    """How long each of SQLite's tables was when it was counted; 0 where it never was."""
    with db.cursor() as cursor:
        cursor.execute("SELECT name, 0 FROM sqlite_sequence")
        counted = dict(cursor.fetchall())
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is not None:
            # The first number of a line is the length of the table, or of the part of it that a partial index holds.
            cursor.execute("SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
            counted |= {name: length for name, length in cursor.fetchall() if name in counted}
        return counted
