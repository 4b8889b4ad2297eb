"""Typed days and periods."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from guanxi.engine.query.periods import is_period, period

WEDNESDAY = date(2026, 5, 13)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", date(2026, 5, 13), date(2026, 5, 13)),
        ("this_week", date(2026, 5, 11), date(2026, 5, 17)),
        ("last_month", date(2026, 4, 1), date(2026, 4, 30)),
        ("next_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_7_days", date(2026, 5, 7), date(2026, 5, 13)),
        ("next_30_days", date(2026, 5, 13), date(2026, 6, 12)),
        ("3_days_ago", date(2026, 5, 10), date(2026, 5, 10)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_what_a_period_means(text: str, first: date, last: date) -> None:
    found = period(text, WEDNESDAY)
    assert found is not None
    assert (found.first, found.last) == (first, last)
    assert is_period(text)


@pytest.mark.parametrize("month", range(1, 13))
def test_quarters_and_months_join_without_gaps(month: int) -> None:
    today = date(2026, month, 28)
    for unit in ("week", "month", "quarter", "year"):
        spans = [period(f"{when}_{unit}", today) for when in ("last", "this", "next")]
        for earlier, later in itertools.pairwise(spans):
            assert earlier and later
            assert later.first - earlier.last == timedelta(days=1)


@pytest.mark.parametrize("text", ["9999-99", "0000", "2026-00", "2026-13", "soon", "last_days", "2026-05-13"])
def test_what_is_no_period(text: str) -> None:
    assert not is_period(text)
    assert period(text, WEDNESDAY) is None
