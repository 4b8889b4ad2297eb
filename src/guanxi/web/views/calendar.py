"""The calendar: a month or a week of records by their day."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names

from guanxi.access.actor import Actor
from guanxi.engine import calendars, query
from guanxi.engine.query import Condition, both
from guanxi.engine.shapes import Row
from guanxi.kernel import clock
from guanxi.schema.definition import ObjectType
from guanxi.schema.kinds.numeric import babel_locale
from guanxi.web import addresses
from guanxi.web.listing import ListState

SHOWN = 4
SHOWN_IN_WEEK = 60


@dataclass(frozen=True)
class Event:
    """One record on a day."""

    row: Row
    time: str
    color: str
    kind_label: str


@dataclass(frozen=True)
class Day:
    """One day with what falls on it."""

    day: date
    label: str
    other: bool
    today: bool
    events: tuple[Event, ...]
    hidden: int
    every: str
    """Where all of them are shown: the week, and beyond that the list of the day."""


def content(actor: Actor, state: ListState) -> dict[str, Any]:
    """The days of the month or week the list shows."""
    locale = babel_locale(actor.language)
    first, last, days = _span(state)
    limit = SHOWN if state.mode == "month" else SHOWN_IN_WEEK
    found = calendars.falling(actor, state.kind.key, state.tree, days[0], days[-1], limit)
    today = clock.today(actor.zone)
    names = get_day_names("abbreviated", locale=locale)
    step_back, step_on = _steps(state)
    return {
        "days": [
            Day(
                day=day,
                label=format_date(day, "full", locale=locale),
                other=state.mode == "month" and not first <= day <= last,
                today=day == today,
                events=tuple(_event(actor, state.kind, row) for row in found.rows.get(day, ())),
                hidden=max(0, found.numbers.get(day, 0) - limit),
                every=_every(state, day),
            )
            for day in days
        ],
        "day_names": [names[index] for index in range(7)],
        "span": _title(state, first, last, locale),
        "earlier": state.url(month=step_back.isoformat()),
        "later": state.url(month=step_on.isoformat()),
        "now": state.url(month=""),
        "total": sum(found.numbers.values()),
    }


def _span(state: ListState) -> tuple[date, date, list[date]]:
    day = state.month
    if state.mode == "week":
        monday = day - timedelta(days=day.weekday())
        week = [monday + timedelta(days=index) for index in range(7)]
        return week[0], week[-1], week
    first = day.replace(day=1)
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    start = first - timedelta(days=first.weekday())
    weeks = ((last - start).days // 7) + 1
    return first, last, [start + timedelta(days=index) for index in range(weeks * 7)]


def _steps(state: ListState) -> tuple[date, date]:
    day = state.month
    if state.mode == "week":
        return day - timedelta(days=7), day + timedelta(days=7)
    first = day.replace(day=1)
    return (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)


def _title(state: ListState, first: date, last: date, locale: Locale) -> str:
    if state.mode == "month":
        return format_date(first, "y年M月" if locale.language == "zh" else "MMMM y", locale=locale)
    return f"{format_date(first, 'medium', locale=locale)} – {format_date(last, 'medium', locale=locale)}"


def _every(state: ListState, day: date) -> str:
    if state.mode != "week":
        return state.url(mode="week", month=day.isoformat())
    calendar = state.kind.calendar
    assert calendar is not None
    tree = both(state.tree, Condition(calendar.start, "eq", day.isoformat()))
    return addresses.listing(state.kind.key, q=query.format(tree) if tree else "")


def _event(actor: Actor, kind: ObjectType, row: Row) -> Event:
    declared = kind.calendar
    assert declared is not None
    value = row.values[declared.start]
    time = f"{value.astimezone(actor.zone):%H:%M}" if isinstance(value, datetime) else ""
    option = kind.fields[declared.color].spec.option(row.values.get(declared.color) or "") if declared.color else None
    label = option.label.text(actor.language) if option else ""
    return Event(row, time, option.color if option else "", label)
