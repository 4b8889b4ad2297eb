"""Work that comes again and again: once per period, over any number of workers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.access import compiled
from guanxi.engine.job import PeriodicRun
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError
from guanxi.schema import registry

DAY = 86_400
RETRY_SECONDS = 60.0
"""What failed is tried again after so long, or after its period if that is shorter."""

log = logging.getLogger("guanxi.periodic")


@dataclass(frozen=True, slots=True)
class Periodic:
    """One piece of periodic work."""

    name: str
    seconds: int
    work: Callable[[], object]
    hour: int = 0

    def number(self, moment: datetime) -> int:
        """The number of the period that holds the moment; periods of whole days begin at the hour of the company's day."""
        if self.seconds % DAY:
            return int(moment.timestamp()) // self.seconds
        local = moment.astimezone(ZoneInfo(settings.TIME_ZONE)) - timedelta(hours=self.hour)
        return local.toordinal() // (self.seconds // DAY)


_work: dict[str, Periodic] = {}
_not_before: dict[str, float] = {}


def every(name: str, seconds: int, work: Callable[[], object], *, hour: int = 0) -> None:
    """Do the work once per period of so many seconds; of whole days at the ``hour`` of the company's time zone.

    The work runs inside the transaction that marks its period as done: both happen, or neither. It must therefore be short;
    long work starts a job. Periods that passed while no worker ran are not made up for: the work is done once.
    """
    if seconds < 1 or len(name) > 60:
        raise GuanxiError(f"The periodic work {name!r} needs a shorter name, or a longer period.")
    _work[name] = Periodic(name, seconds, work, hour)


def forget(name: str) -> None:
    """Do it no longer."""
    _work.pop(name, None)


def tick() -> list[str]:
    """Do what is due; the names of what was done here. Called every few seconds by every worker."""
    marks = dict(PeriodicRun.objects.values_list("name", "period"))
    due = [one for one in _work.values() if marks.get(one.name, -1) < one.number(clock.now())]
    due = [one for one in due if _not_before.get(one.name, 0.0) <= time.monotonic()]
    if not due:
        return []
    missing = [PeriodicRun(name=one.name) for one in due if one.name not in marks]
    PeriodicRun.objects.bulk_create(missing, ignore_conflicts=True)
    versions = registry.versions()
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))
    return [one.name for one in due if _do(one)]


def _do(one: Periodic) -> bool:
    try:
        with db.atomic():
            number = one.number(clock.now())
            # A row that another worker holds is being done there.
            held = PeriodicRun.objects.select_for_update(skip_locked=True).filter(pk=one.name, period__lt=number)
            if held.first() is None:
                return False
            PeriodicRun.objects.filter(pk=one.name).update(period=number, ran_at=clock.now())
            one.work()
    except Exception:
        # The database may be away for a moment; nothing was marked, so it is tried again.
        _not_before[one.name] = time.monotonic() + min(RETRY_SECONDS, one.seconds)
        log.exception("%s failed", one.name)
        return False
    return True
