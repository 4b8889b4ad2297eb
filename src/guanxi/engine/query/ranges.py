"""What a typed date means on the time line, the same for both evaluators."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.query.periods import Period, period
from guanxi.kernel import clock
from guanxi.schema.definition import FieldDefinition


def bounds(field: FieldDefinition, text: str, actor: Actor) -> tuple[Any, Any]:
    """The half-open interval ``[start, end)`` a text stands for, as dates or as moments (UTC) as the field has it."""
    found = period(text, clock.today(actor.zone))
    if field.kind.family == "date":
        if found is None:
            day: date = field.kind.parse(text, field.spec)
            found = Period(day, day)
        return found.first, found.last + timedelta(days=1)
    if found is None and len(text) == 10:
        day = date.fromisoformat(text)
        found = Period(day, day)
    if found is not None:
        return found.moments(actor.zone)
    moment: datetime = field.kind.parse(text, field.spec)
    return moment, moment + timedelta(microseconds=1)
