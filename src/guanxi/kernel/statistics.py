"""What SQLite's planner knows of the tables: counted anew where they have grown. PostgreSQL counts by itself."""

from __future__ import annotations

from guanxi.kernel import db

LEAST = 1000
"""Shorter tables are not counted: what is known of an almost empty table misleads as soon as it fills."""
GROWN = 2
LOOKED_AT = 10_000
"""Entries of each index that are looked at. Counting holds the one place of a writer, so it may not take long."""


def refresh() -> list[str]:
    """Count the tables that have become twice as long since they were counted last; their names.

    Without this SQLite takes every index for a good one, and looks a person's million records through for fifty that are
    named. Connections that are open learn of it when they are opened anew.
    """
    if db.is_postgresql():
        return []
    counted = _counted()
    grown = [name for name, rows in _lengths().items() if rows >= max(LEAST, GROWN * counted.get(name, 0))]
    quote = db.connection().ops.quote_name
    with db.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
        for name in grown:
            cursor.execute(f"ANALYZE {quote(name)}")
    return grown


def _lengths() -> dict[str, int]:
    """The last id of each table: how long it is, or was."""
    with db.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return dict(cursor.fetchall())


def _counted() -> dict[str, int]:
    """How long each table was when it was counted."""
    with db.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return {}
        # The first number of a line is the length of the table, or of the part of it that a partial index holds.
        cursor.execute("SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
        return dict(cursor.fetchall())
