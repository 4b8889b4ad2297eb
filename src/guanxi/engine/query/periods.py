"""Days and periods a person can type: ``2026-03-01``, ``2026-03``, ``today``, ``this_quarter``, ``last_30_days``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_RELATIVE = re.compile(r"^(this|last|next)_(week|month|quarter|year)$")
_COUNTED = re.compile(r"^(last|next)_(\d{1,4})_days$")
_AWAY = re.compile(r"^(?:(\d{1,4})_days_ago|in_(\d{1,4})_days)$")
_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2}))?$")
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
KEYWORDS = (
    *_DAYS,
    *(f"{when}_{unit}" for unit in ("week", "month", "quarter", "year") for when in ("last", "this", "next")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole days, both ends included."""

    first: date
    last: date

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The first moment and the one after the last, in UTC."""
        start = datetime.combine(self.first, time.min, zone)
        end = datetime.combine(self.last + timedelta(days=1), time.min, zone)
        return start.astimezone(UTC), end.astimezone(UTC)


def is_period(text: str) -> bool:
    """Whether the text names a period (a whole day written out is not one)."""
    if match := _PARTIAL.match(text):
        return _partial(*match.groups()) is not None
    return text in _DAYS or any(pattern.match(text) for pattern in (_RELATIVE, _COUNTED, _AWAY))


def period(text: str, today: date) -> Period | None:
    """The period a text names on the day ``today``; weeks begin on Monday; ``None`` when it names none."""
    if text in _DAYS:
        return _day(today + timedelta(days=_DAYS[text]))
    if match := _RELATIVE.match(text):
        return _unit(match.group(2), {"last": -1, "this": 0, "next": 1}[match.group(1)], today)
    if match := _COUNTED.match(text):
        span = timedelta(days=int(match.group(2)))
        if match.group(1) == "last":
            return Period(today - span + timedelta(days=1), today)
        return Period(today, today + span)
    if match := _AWAY.match(text):
        ago, ahead = match.groups()
        return _day(today + timedelta(days=-int(ago) if ago else int(ahead)))
    if match := _PARTIAL.match(text):
        return _partial(*match.groups())
    return None


def _day(day: date) -> Period:
    return Period(day, day)


def _unit(unit: str, shift: int, today: date) -> Period:
    if unit == "week":
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=shift)
        return Period(first, first + timedelta(days=6))
    if unit == "year":
        return Period(date(today.year + shift, 1, 1), date(today.year + shift, 12, 31))
    months = 3 if unit == "quarter" else 1
    start = (today.month - 1) // months * months + shift * months
    first = _month(today.year, start)
    return Period(first, _month(today.year, start + months) - timedelta(days=1))


def _month(year: int, index: int) -> date:
    """The first day of the month ``index`` months after January of ``year``."""
    return date(year + index // 12, index % 12 + 1, 1)


def _partial(year_text: str, month_text: str | None) -> Period | None:
    year = int(year_text)
    if not 1000 <= year <= 9998:
        return None
    if month_text is None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    month = int(month_text)
    if not 1 <= month <= 12:
        return None
    return Period(date(year, month, 1), _month(year, month) - timedelta(days=1))
