"""A connection has room for very many records only as long as it writes them, and SQLite's log stays bounded meanwhile."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.kernel import db
from guanxi.kernel.roomy import roomy

pytestmark = pytest.mark.django_db


def _settings() -> list[str]:
    asked = ["SHOW synchronous_commit"] if db.is_postgresql() else ["PRAGMA cache_size", "PRAGMA wal_autocheckpoint"]
    found = []
    with db.cursor() as cursor:
        for sql in asked:
            cursor.execute(sql)
            found.append(str(cursor.fetchone()[0]))
    return found


def test_room_is_given_back_whatever_happens() -> None:
    wanted = ["off"] if db.is_postgresql() else ["-96000", "0"]
    usual = _settings()
    with pytest.raises(ZeroDivisionError), roomy() as after_batch:
        assert _settings() == wanted
        after_batch()
        raise ZeroDivisionError
    assert _settings() == usual != wanted


_WRITER = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1],
    "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}}})
import django
django.setup()
from guanxi.kernel import db, roomy
roomy.STEP, roomy.LONGEST = 2**20, 3 * 2**20
log = Path(sys.argv[1] + "-wal")
longest = 0
with db.cursor() as cursor:
    cursor.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
with roomy.roomy() as after_batch:
    for batch in range(40):
        with db.atomic(), db.cursor() as cursor:
            cursor.executemany("INSERT INTO t (v) VALUES (%s)", [("x" * 1000,)] * 500)
        longest = max(longest, log.stat().st_size)
        after_batch()
print(longest, log.stat().st_size)
"""


def test_the_log_is_copied_beside_the_work_and_stays_bounded(tmp_path: Path) -> None:
    """In a process of its own, on a file: the tests' own database is in memory."""
    path = tmp_path / "company.sqlite3"
    done = subprocess.run([sys.executable, "-c", _WRITER, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    longest, left = map(int, done.stdout.split())
    assert 3 * 2**20 <= longest < 5 * 2**20, "20 MB were written, a batch more than the bound at most"
    assert left == 0
    with sqlite3.connect(path) as own:
        assert own.execute("SELECT COUNT(*), SUM(LENGTH(v)) FROM t").fetchone() == (20_000, 20_000_000)
        assert own.execute("PRAGMA integrity_check").fetchone() == ("ok",)
