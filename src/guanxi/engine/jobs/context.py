"""What a job's function works with: who it works for, how far it is, whether it should stop, where it left off."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import compiled
from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.engine.job import Job
from guanxi.engine.jobs.pulse import Progress
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError, Refused
from guanxi.schema import registry


class Cancelled(Exception):
    """The person who started the job wants it to stop. Let it pass; a job that undoes catches it and raises it again."""


class Interrupted(Exception):
    """The worker has to end; another one goes on from the checkpoint."""


class LeaseLost(Exception):
    """Another worker has taken the job up: whatever this one still does must not count."""


stopping = threading.Event()
"""Set when this process is asked to end; jobs then stop between two batches."""


class Context:
    """One attempt at one job."""

    def __init__(self, job: Job, progress: Progress) -> None:
        self.job_id: int = job.pk
        self.attempt = job.attempt
        self.state: dict[str, Any] = dict(job.state)
        """The last checkpoint; empty at the beginning."""
        self._job = job
        self._progress = progress
        self._versions: dict[str, int] = {}
        self.actor: Actor = self._actor()
        """Who the job works for, with the rights as they are now."""

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the job is; shown within a second or two, and cheap enough for every row."""
        self._progress.done, self._progress.total, self._progress.message = done, total, message

    def checkpoint(self, state: dict[str, Any], done: int | None = None, total: int | None = None) -> None:
        """Keep where to go on; call it at the end of the transaction that did the batch, so that both count or neither.

        Raises :class:`LeaseLost` if another worker has the job meanwhile, which rolls the batch back.
        """
        if not db.in_transaction():
            raise GuanxiError("A checkpoint belongs into the transaction of the batch.")
        if done is not None:
            self._progress.done, self._progress.total = done, total
        mine = Job.objects.filter(pk=self.job_id, lease=self._job.lease, status="running")
        if not mine.update(state=state, heartbeat_at=clock.now(), **self._progress.columns()):
            raise LeaseLost
        self.state = dict(state)

    def check_cancelled(self) -> None:
        """Call between two batches, outside of transactions: raises where the job should stop, and renews the rights.

        Raises :class:`Cancelled`, :class:`Interrupted`, :class:`LeaseLost`, or :class:`Refused` where the person has been
        deactivated meanwhile.
        """
        row = Job.objects.filter(pk=self.job_id).values_list("cancel_requested", "lease", "status").first()
        if row is None or row[1:] != (self._job.lease, "running"):
            raise LeaseLost
        if row[0]:
            raise Cancelled
        if stopping.is_set():
            raise Interrupted
        self.actor = self._actor()

    def _actor(self) -> Actor:
        versions = registry.versions()
        if self._versions and versions == self._versions and self.actor.is_program:
            return self.actor
        registry.ensure(versions.get("schema", 0))
        compiled.ensure(versions.get("access", 0))
        self._versions = versions
        if self._job.started_by_id is None:
            return replace(Actor.program(), language=self._job.language)
        person = User.objects.filter(pk=self._job.started_by_id, is_active=True, deleted_at=None).first()
        if person is None:
            raise Refused(_("The person who started this has been deactivated; nothing more is done in their name."))
        actor = actor_for(person)
        rights = None if self._job.rights is None else frozenset(self._job.rights)
        return replace(actor, language=person.preferences.get("language") or self._job.language, allowed=rights)
