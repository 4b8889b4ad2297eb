"""The one clock: everything that asks for the time asks here, so that a test can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, tzinfo

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("guanxi_clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _fixed.get() or timezone.now()


def today(zone: tzinfo | None = None) -> date:
    """The calendar day in ``zone`` (the active time zone when not given)."""
    return timezone.localtime(now(), zone or timezone.get_current_timezone()).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` (aware) inside the block."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
