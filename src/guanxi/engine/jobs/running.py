"""One worker's attempt at one job: claimed by a lease, ended in words."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from guanxi.engine.job import Job
from guanxi.engine.jobs import pulse
from guanxi.engine.jobs.context import Cancelled, Context, Interrupted, LeaseLost
from guanxi.engine.jobs.kinds import JobKind, Result, known
from guanxi.engine.jobs.pulse import Progress, Pulse
from guanxi.engine.notifications import notify
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.labels import Label

LOST_AFTER = timedelta(seconds=60)
"""A waiting job is looked for in the queue once it has waited so long."""

log = logging.getLogger("guanxi.jobs")


def run(job_id: int) -> None:
    """Work on a job unless it is finished, or lives with another worker."""
    job = _claim(job_id)
    if job is None:
        return
    with translation.override(job.language):
        kind = known(job.kind)
        if kind is None:
            _fail(job, _("This version of the program does not know this kind of work. Start it again."))
        elif job.attempt > kind.attempts:
            _fail(job, _("The work was interrupted %(count)d times. Start it again.") % {"count": job.attempt - 1})
        elif job.cancel_requested:
            _end_cancelled(job, kind, Progress(job.done, job.total))
        else:
            _attempt(job, kind)


def _claim(job_id: int) -> Job | None:
    """Take the lease: of a job that waits, or of one whose worker gave no sign of life. One statement, so one winner."""
    now, token = clock.now(), get_random_string(32)
    free = Q(status="queued") | Q(status="running", heartbeat_at__lt=now - pulse.LEASE)
    claimed = Job.objects.filter(free, pk=job_id).update(
        status="running", lease=token, heartbeat_at=now, attempt=F("attempt") + 1
    )
    if not claimed:
        return None
    Job.objects.filter(pk=job_id, started_at=None).update(started_at=now)
    return Job.objects.get(pk=job_id)


def _attempt(job: Job, kind: JobKind) -> None:
    progress = Progress(job.done, job.total, job.message)
    with Pulse(job.pk, job.lease, progress):
        try:
            context = Context(job, progress)
            with translation.override(context.actor.language), timezone.override(context.actor.zone):
                result = kind.run(context, **job.arguments)
            ended = _finish(job, result or Result(Label("Done.", "已完成。")), progress)
        except LeaseLost:
            ended = False
        except Cancelled:
            ended = _end_cancelled(job, kind, progress)
        except (Interrupted, DatabaseError) as error:
            ended = _give_back(job, error)
        except GuanxiError as error:
            ended = _fail(job, error.message, progress)
        except Exception:
            log.exception("job %s (%s) failed", job.pk, job.kind)
            message = _("Something unexpected went wrong. An administrator finds it in the log under “job %(number)d”.")
            ended = _fail(job, message % {"number": job.pk}, progress)
    if not ended:
        log.warning("job %s was taken up by another worker", job.pk)


def _finish(job: Job, result: Result, progress: Progress) -> bool:
    told = {"en": result.text.en, "zh": result.text.zh, "counts": dict(result.counts), "address": result.address}
    if progress.total is not None:
        progress.done = progress.total
    return _end(job, "done", Label("Finished", "已完成"), progress, result=told, message="")


def _end_cancelled(job: Job, kind: JobKind, progress: Progress) -> bool:
    stays = not kind.undoes and progress.done
    told = (
        {
            "en": f"Cancelled. {progress.done:,} were done; that stays.",
            "zh": f"已取消。已完成 {progress.done:,} 条，予以保留。",
        }
        if stays
        else {"en": "Cancelled. Nothing was changed.", "zh": "已取消，未做任何更改。"}
    )
    return _end(job, "cancelled", Label("Cancelled", "已取消"), progress, result=told)


def _fail(job: Job, message: str, progress: Progress | None = None) -> bool:
    return _end(job, "failed", Label("Failed", "失败"), progress, error=message)


def _end(job: Job, status: str, said: Label, progress: Progress | None, **columns: Any) -> bool:
    """Write the end and tell the person, if this worker still holds the job."""
    shown = progress.columns() if progress is not None else {}
    with db.atomic():
        mine = Job.objects.filter(pk=job.pk, lease=job.lease, status="running")
        ended = mine.update(status=status, lease="", finished_at=clock.now(), **(shown | columns))
        if ended and job.started_by_id is not None:
            text = Label(f"{said.en}: {job.title_en}", f"{said.zh}：{job.title_zh}")
            notify([job.started_by_id], text, "job", job.pk, kind="job")
    return bool(ended)


def _give_back(job: Job, error: Exception) -> bool:
    """Let another worker go on: soon where this one has to end, otherwise when the lease is over."""
    if not isinstance(error, Interrupted):
        log.warning("job %s was interrupted and will be taken up again: %s", job.pk, error)
        return True
    mine = Job.objects.filter(pk=job.pk, lease=job.lease, status="running")
    # As if the queue had lost it: the next worker that looks for such jobs takes it up.
    lost = {"task": "", "enqueued_at": clock.now() - 2 * LOST_AFTER}
    mine.update(status="queued", lease="", attempt=F("attempt") - 1, **lost)
    return True
