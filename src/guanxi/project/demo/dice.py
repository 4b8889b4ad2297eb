"""Chance for the demo company: the same seed gives the same company."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")

_SPRING_FESTIVALS = {
    **{2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17)},
    **{2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31)},
}
_HOLIDAY = 0.1
_MONTHS = (0.85, 0.7, 1.2, 1.05, 1.0, 1.15, 0.95, 0.9, 1.1, 1.0, 1.15, 1.25)


class Dice:
    """Random choices of one part of the generator; parts do not disturb one another."""

    def __init__(self, seed: int, part: str) -> None:
        self.random = Random(f"{seed}:{part}")  # noqa: S311 -- demo data, no secret

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all alike."""
        return self.random.choice(items)

    def weigh(self, weights: Mapping[T, float]) -> T:
        """One of the keys, by weight."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different items, or all."""
        return self.random.sample(list(items), min(count, len(items)))

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random.random() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return self.random.randint(low, high)

    def skewed(self, median: float, sigma: float) -> float:
        """A log-normal number: many small ones and a few large ones."""
        return median * math.exp(self.random.gauss(0, sigma))

    def moment(self, first: date, last: date) -> datetime:
        """A moment of a working day between two days, in local time without zone."""
        for _try in range(4):
            day = workday(first + timedelta(days=self.whole(0, max(0, (last - first).days))))
            if season(day) > _HOLIDAY:
                break
        if day < first:
            day = first
        minutes = int(self.random.triangular(0, 9 * 60, 2 * 60))
        return datetime.combine(day, time(9)) + timedelta(minutes=minutes)


def workday(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def season(day: date) -> float:
    """How busy a day is: quarter ends and the fourth quarter are, weekends and the Spring Festival are not."""
    if day.weekday() >= 5:
        return 0.02
    month, spring_day = _SPRING_FESTIVALS.get(day.year, (2, 5))
    distance = (day - date(day.year, month, spring_day)).days
    if -5 <= distance <= 9:
        return 0.08
    national_day = day.month == 10 and day.day <= 7
    return _HOLIDAY if national_day else _MONTHS[day.month - 1]


def quarter_end(day: date) -> date:
    """The last working day of the quarter of a day."""
    last_month = (day.month - 1) // 3 * 3 + 3
    first_of_next = date(day.year + last_month // 12, last_month % 12 + 1, 1)
    return workday(first_of_next - timedelta(days=1))
