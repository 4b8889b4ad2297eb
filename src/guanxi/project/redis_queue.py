"""The queue in Redis, used when ``GUANXI_REDIS_URL`` is set; needs the extra ``guanxi[redis]``."""

from __future__ import annotations

import threading
from typing import Any

from django.db import close_old_connections
from django_rq import get_connection, get_queue
from django_tasks import TaskResult, TaskResultStatus
from django_tasks.base import Task
from django_tasks_rq import Job, RQBackend
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.timeouts import TimerDeathPenalty

from guanxi.kernel import db


class RedisBackend(RQBackend):
    """RQ that waits for the commit: what a transaction enqueues is never run before it, nor when it is rolled back."""

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Enqueue after the commit. Inside a transaction the result has no id yet."""
        self.validate_task(task)
        if not db.in_transaction():
            queued: TaskResult[Any] = super().enqueue(task, args, kwargs)
            return queued
        db.on_commit(lambda: super(RedisBackend, self).enqueue(task, args, kwargs))
        return TaskResult(
            task=task,
            id="",
            status=TaskResultStatus.READY,
            enqueued_at=None,
            started_at=None,
            last_attempted_at=None,
            finished_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


class RedisWorker(SimpleWorker):
    """Works off one queue in the thread that runs it, until ``stop`` is set; what it has begun is finished first."""

    death_penalty_class = TimerDeathPenalty

    def __init__(self, queue: str, stop: threading.Event) -> None:
        super().__init__([get_queue(queue, job_class=Job)], connection=get_connection(queue), job_class=Job)
        self._stop = stop

    @property
    def dequeue_timeout(self) -> int:
        """Seconds between two looks at whether to stop."""
        return 1

    def _install_signal_handlers(self) -> None:
        """The process has its own."""

    def heartbeat(self, *args: Any, **kwargs: Any) -> Any:
        """Called before every look at the queue."""
        if self._stop.is_set():
            raise StopRequested
        close_old_connections()
        return super().heartbeat(*args, **kwargs)
