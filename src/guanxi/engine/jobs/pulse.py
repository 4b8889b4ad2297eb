"""The sign of life of a running job: a thread that renews the lease and tells the progress, beside whatever the job does."""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any

from guanxi.engine.job import Job
from guanxi.kernel import clock, db

LEASE = timedelta(seconds=60)
"""A job without a sign of life for so long is taken up by another worker."""
BEAT_SECONDS = 10.0
PROGRESS_SECONDS = 1.0

log = logging.getLogger("guanxi.jobs")


@dataclass
class Progress:
    """How far a job is."""

    done: int = 0
    total: int | None = None
    message: str = ""

    def columns(self) -> dict[str, Any]:
        """As the job's columns."""
        return {"done": self.done, "total": self.total, "message": self.message[:300]}


class Pulse:
    """Beats while the block runs. Inside an open transaction, which nobody could look into, it does nothing."""

    def __init__(self, job_id: int, lease: str, progress: Progress) -> None:
        self._job_id, self._lease, self._progress = job_id, lease, progress
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Pulse:
        if not db.in_transaction():
            run = copy_context().run
            self._thread = threading.Thread(target=run, args=(self._beat,), daemon=True, name=f"pulse-{self._job_id}")
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join(timeout=BEAT_SECONDS)

    def _beat(self) -> None:
        told, waited = self._progress.columns(), 0.0
        try:
            while not self._end.wait(PROGRESS_SECONDS):
                waited += PROGRESS_SECONDS
                now = self._progress.columns()
                if now == told and waited < BEAT_SECONDS:
                    continue
                self._write(now)
                told, waited = now, 0.0
        finally:
            db.close_all()

    def _write(self, columns: dict[str, Any]) -> None:
        try:
            Job.objects.filter(pk=self._job_id, lease=self._lease, status="running").update(
                heartbeat_at=clock.now(), **columns
            )
        except Exception:
            # The database may be away for a moment, or (SQLite) busy with a long batch of this very job.
            log.warning("job %s could not tell that it lives", self._job_id, exc_info=True)
