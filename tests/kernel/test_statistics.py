"""Statistics for SQLite's planner follow the growth of the tables."""

from __future__ import annotations

import pytest

from guanxi.engine import write
from guanxi.kernel import db, statistics
from tests.support import people

pytestmark = pytest.mark.django_db


def _accounts(number: int) -> None:
    with write.change(people.program(), "test") as door:
        door.create_many("account", [{"name": f"A{one}"} for one in range(number)])


def test_tables_are_counted_when_they_have_become_twice_as_long() -> None:
    if db.is_postgresql():
        _accounts(10)
        assert statistics.refresh() == []
        return
    _accounts(10)
    assert "customers_account" not in statistics.refresh(), "nothing is known of short tables"
    _accounts(statistics.LEAST)
    assert "customers_account" in statistics.refresh()
    assert "customers_account" not in statistics.refresh()
    _accounts(statistics.LEAST // 2)
    assert "customers_account" not in statistics.refresh()
    _accounts(statistics.LEAST)
    assert "customers_account" in statistics.refresh()
    with db.cursor() as cursor:
        cursor.execute("SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE idx = 'account_owner_recent'")
        assert cursor.fetchone()[0] >= 2 * statistics.LEAST
