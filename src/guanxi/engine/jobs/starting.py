"""Starting and cancelling jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db import DatabaseBackend

from guanxi.access.actor import Actor
from guanxi.engine.job import FINISHED, UNFINISHED, Job
from guanxi.engine.jobs.kinds import known
from guanxi.engine.jobs.running import run
from guanxi.engine.jobs.shown import find
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, GuanxiError, Refused
from guanxi.kernel.labels import Label

QUEUE = "jobs"
"""A queue of its own, so that a long job keeps no mail waiting."""


@task(queue_name=QUEUE)
def perform(job_id: int, company: str) -> None:
    """Work on a job of a company; nothing if it is finished or another worker has it."""
    with db.company(company):
        run(job_id)


def start(actor: Actor, kind: str, arguments: Mapping[str, Any], title: Label) -> Job:
    """Queue a job in the present transaction: it runs after the commit, and never if that does not come.

    ``arguments`` must be plain JSON. The job works with the rights that the actor has while it runs.
    """
    if known(kind) is None:
        raise GuanxiError(f"There is no kind of job called {kind}.")
    if actor.observer is not None:
        raise Refused(_("You are looking as somebody else, which is for reading only. End it first."))
    with db.atomic():
        moment = clock.now()
        made = Job.objects.create(
            kind=kind,
            title_en=title.en[:300],
            title_zh=title.zh[:300],
            started_by_id=actor.user_id,
            rights=None if actor.allowed is None else sorted(actor.allowed),
            language=actor.language[:10],
            arguments=dict(arguments),
            created_at=moment,
            enqueued_at=moment,
        )
        hand_over(made.pk)
    return made


def hand_over(job_id: int) -> None:
    """Put a job into the queue within the present transaction. Twice does no harm: only one worker can claim it."""
    if in_database():
        # The queue is a table, whose row is written or rolled back with everything else.
        _enqueue(job_id)
    else:
        db.on_commit(lambda: _enqueue(job_id))


def in_database() -> bool:
    """Whether the queue is a table of the database, not in Redis."""
    return isinstance(perform.get_backend(), DatabaseBackend)


def _enqueue(job_id: int) -> None:
    queued = perform.enqueue(job_id, db.alias())
    Job.objects.filter(pk=job_id).update(task=str(queued.id)[:64], enqueued_at=clock.now())


def cancel(actor: Actor, job_id: int) -> Job:
    """Ask a job of one's own, or as an administrator any job, to stop: at once if it waits, else between two batches."""
    found = find(actor, job_id)
    if actor.observer is not None:
        raise Refused(_("You are looking as somebody else, which is for reading only. End it first."))
    if found.status in FINISHED:
        raise Conflict(_("This is finished already; there is nothing to cancel."))
    waiting = Job.objects.filter(pk=job_id, status="queued", attempt=0)
    stopped = waiting.update(status="cancelled", cancel_requested=True, finished_at=clock.now())
    if not stopped:
        Job.objects.filter(pk=job_id, status__in=UNFINISHED).update(cancel_requested=True)
    found.refresh_from_db()
    return found
