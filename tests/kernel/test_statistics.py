"""What the planners know follows the growth of the tables, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from guanxi.domains.customers.account import Account
from guanxi.engine import write
from guanxi.kernel import db, statistics
from tests.support import people

pytestmark = pytest.mark.django_db


def _accounts(number: int) -> None:
    with write.change(people.program(), "test") as door:
        door.create_many("account", [{"name": f"A{one}"} for one in range(number)])


def test_tables_are_counted_when_they_have_become_twice_as_long() -> None:
    """With a table of its own: what earlier tests took back still takes place in the others on PostgreSQL."""
    key = "BIGSERIAL PRIMARY KEY" if db.is_postgresql() else "INTEGER PRIMARY KEY AUTOINCREMENT"

    def add(number: int) -> None:
        with db.cursor() as cursor:
            cursor.executemany("INSERT INTO growing (word) VALUES (%s)", [("w" * 200,)] * number)

    with db.cursor() as cursor:
        cursor.execute(f"CREATE TABLE growing (id {key}, word TEXT)")
        cursor.execute("CREATE INDEX growing_word ON growing (word)")
    add(10)
    assert "growing" not in statistics.refresh(), "nothing is known of short tables"
    add(statistics.LEAST)
    assert "growing" in statistics.refresh()
    assert "growing" not in statistics.refresh()
    add(statistics.LEAST // 2)
    assert "growing" not in statistics.refresh()
    add(statistics.LEAST)
    assert "growing" in statistics.refresh()
    with db.cursor() as cursor:
        if db.is_postgresql():
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'growing'")
        else:
            cursor.execute("SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE idx = 'growing_word'")
        assert cursor.fetchone()[0] >= 2 * statistics.LEAST


@pytest.mark.django_db(transaction=True)
def test_the_place_of_rows_taken_back_is_free_again() -> None:
    if not db.is_postgresql():
        statistics.sweep(Account)
        return

    def length() -> int:
        with db.cursor() as cursor:
            cursor.execute(f"SELECT pg_relation_size('{Account._meta.db_table}')")
            return int(cursor.fetchone()[0])

    def taken_back() -> int:
        with pytest.raises(ZeroDivisionError), db.atomic():
            _accounts(statistics.LEAST)
            raise ZeroDivisionError
        return length()

    _accounts(10)
    before = length()
    assert any(taken_back() > before for _again in range(10)), "the place of those taken back is not used again"
    full = length()
    with db.atomic():
        statistics.sweep(Account)
    statistics.sweep(Account)
    assert taken_back() <= full


@pytest.mark.django_db(transaction=True)
def test_the_place_of_rows_taken_away_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "WORTH", 0)
    _accounts(4 * statistics.LEAST)
    last = Account.objects.order_by("pk").values_list("pk", flat=True)[3]
    Account.objects.filter(pk__gt=last).delete()
    statistics.sweep(Account)
    if not db.is_postgresql():
        assert not statistics.pack(Account, 1)
        return

    def length() -> int:
        with db.cursor() as cursor:
            cursor.execute(f"SELECT pg_total_relation_size('{Account._meta.db_table}')")
            return int(cursor.fetchone()[0])

    before = length()
    assert not statistics.pack(Account, before), "as many bytes a row as there are: all of it is used"
    with db.atomic():
        assert not statistics.pack(Account, 1), "not in a transaction"
        Account.objects.filter(pk=last).update(name="Another")
        assert not _in_a_thread(lambda: statistics.pack(Account, 1)), "somebody else writes"
    assert length() == before
    assert statistics.pack(Account, 1)
    assert length() < before / 4
    assert Account.objects.count() == 4


def _in_a_thread(action: Callable[[], bool]) -> bool:
    """What comes of it on a connection of its own."""

    def run() -> bool:
        try:
            return action()
        finally:
            db.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(20)
