"""Forgetting jobs that ended long ago."""

from __future__ import annotations

from datetime import timedelta

from guanxi.engine.job import FINISHED, Job
from guanxi.kernel import clock

KEPT = timedelta(days=90)
AT_ONCE = 2000


def sweep() -> int:
    """Remove jobs that ended more than 90 days ago, at most 2,000 at once; how many."""
    old = Job.objects.filter(finished_at__lt=clock.now() - KEPT, status__in=FINISHED).order_by("finished_at")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    Job.objects.filter(pk__in=ids).delete()
    return len(ids)
