"""A connection has room for very many records only as long as it writes them."""

from __future__ import annotations

import pytest

from guanxi.kernel import db

pytestmark = pytest.mark.django_db


def _room() -> list[int]:
    found = []
    with db.cursor() as cursor:
        for name in ("cache_size", "wal_autocheckpoint"):
            cursor.execute(f"PRAGMA {name}")
            found.append(cursor.fetchone()[0])
    return found


def test_room_is_given_back_whatever_happens() -> None:
    if db.is_postgresql():
        with db.roomy():
            return
    usual = _room()
    with pytest.raises(ZeroDivisionError), db.roomy():
        assert _room() == [-96_000, 16_000]
        raise ZeroDivisionError
    assert _room() == usual != [-96_000, 16_000]
