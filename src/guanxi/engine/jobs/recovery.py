"""Taking up again the jobs whose worker died, and those that the queue lost."""

from __future__ import annotations

from django.db.models import Q
from django_tasks import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from guanxi.engine.job import Job
from guanxi.engine.jobs import pulse, running
from guanxi.engine.jobs.starting import hand_over, perform
from guanxi.kernel import clock, db

AT_ONCE = 100


def take_up() -> int:
    """Put abandoned and lost jobs into the queue again; how many. Any number of workers may do so at once."""
    now = clock.now()
    abandoned = Q(status="running", heartbeat_at__lt=now - pulse.LEASE, enqueued_at__lt=now - pulse.LEASE)
    waiting = Q(status="queued", enqueued_at__lt=now - running.LOST_AFTER)
    rows = Job.objects.order_by("pk").only("pk", "status", "task", "enqueued_at")
    number = 0
    # Apart, so that many that rightly wait do not hide one that was abandoned.
    for job in [*rows.filter(abandoned)[:AT_ONCE], *rows.filter(waiting)[:AT_ONCE]]:
        if job.status == "queued" and _waits(job.task):
            continue
        with db.atomic():
            # Whoever moves the moment on is the one who hands it over.
            if Job.objects.filter(pk=job.pk, enqueued_at=job.enqueued_at).update(enqueued_at=now):
                hand_over(job.pk)
                number += 1
    return number


def _waits(task: str) -> bool:
    """Whether the queue still has it, waiting for a worker."""
    if not task:
        return False
    try:
        return perform.get_result(task).status == TaskResultStatus.READY
    except TaskResultDoesNotExist:
        return False
