"""Calendars: what falls on each day, the first of it as rows and all of it as a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.query import Tree
from guanxi.engine.query.resolve import find_field
from guanxi.engine.rows import columns_of, fetch
from guanxi.engine.scoping import rows_of
from guanxi.engine.shapes import Row
from guanxi.kernel.errors import QueryError
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Falling:
    """What falls on some days: the first records of each, in their order, and how many there are."""

    rows: Mapping[date, Sequence[Row]]
    numbers: Mapping[date, int]


def falling(actor: Actor, object_key: str, query: Tree | None, start: date, end: date, most: int) -> Falling:
    """The records that fall on the days ``start`` to ``end`` (both included) of the actor's calendar.

    At most ``most`` of each day are read, however many there are; where each of them falls is told by an index alone.
    """
    kind = snapshot().get(object_key)
    calendar = kind.calendar
    if calendar is None:
        raise QueryError(_("%(object)s has no calendar.") % {"object": kind.plural})
    field = find_field(calendar.start, kind, actor)
    low: date = start
    high: date = end + timedelta(days=1)
    timed = field.kind.family == "datetime"
    if timed:
        low = datetime.combine(low, time.min, actor.zone)
        high = datetime.combine(high, time.min, actor.zone)
    rows = rows_of(actor, kind, query).annotate(_when=field.expression())
    numbers: Counter[date] = Counter()
    days: dict[int, date] = {}
    for pk, when in rows.filter(Q(_when__gte=low, _when__lt=high)).order_by("_when", "pk").values_list("pk", "_when"):
        day = when.astimezone(actor.zone).date() if timed else when
        numbers[day] += 1
        if numbers[day] <= most:
            days[pk] = day
    keys = tuple(filter(None, (calendar.start, calendar.end, calendar.color)))
    first = rows.filter(pk__in=days).order_by("_when", "pk")
    found: dict[date, list[Row]] = {}
    for row in fetch(first, kind, columns_of(kind, keys, actor), actor)[0] if days else ():
        found.setdefault(days[row.id], []).append(row)
    return Falling(found, numbers)
