"""Working off the queues: one thread for what is short (mails), one for jobs, in the database or in Redis."""

from __future__ import annotations

import logging
import signal
import threading
import time
from types import FrameType

from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from guanxi.engine.jobs import stopping
from guanxi.engine.jobs.starting import in_database
from guanxi.kernel import db

QUEUES = ("default", "jobs")
IDLE_SECONDS = 1.0
"""Pause between two looks at an empty queue in the database."""
TROUBLE_SECONDS = 5.0
"""Pause after a failure: the database or Redis may be away for a moment."""
NOTICE_SECONDS = 0.2
END_SECONDS = 7.0
"""How long a batch in progress may take to end; the supervisor kills a second later."""

log = logging.getLogger("guanxi.worker")


class _DatabaseWorker(Worker):
    """The library's worker for one queue, ended by the event instead of by leaving the process."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            queue_names=[queue],
            excluded_queue_names=[],
            interval=IDLE_SECONDS,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )

    @property
    def running(self) -> bool:
        """Looked at between two tasks."""
        return not stopping.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        """The library sets it; the event decides."""


def work() -> None:
    """Work until SIGINT or SIGTERM. Mails in progress are finished; jobs stop between two batches and are gone on with."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    threads = [threading.Thread(target=_repeat, args=(name,), daemon=True, name=f"queue-{name}") for name in QUEUES]
    for thread in threads:
        thread.start()
    while not stopping.is_set():
        # Not the event's own wait: a signal that comes while it holds its lock would wait for itself.
        time.sleep(NOTICE_SECONDS)
    deadline = time.monotonic() + END_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _stop(number: int, frame: FrameType | None) -> None:
    stopping.set()


def _repeat(queue: str) -> None:
    """Work off one queue; a failure is logged and must not end the worker."""
    while not stopping.is_set():
        try:
            _work_off(queue)
        except Exception:
            log.exception("The queue %s cannot be worked off at the moment", queue)
            stopping.wait(TROUBLE_SECONDS)
        finally:
            db.close_all()


def _work_off(queue: str) -> None:
    if in_database():
        _DatabaseWorker(queue).run()
        return
    from guanxi.project.redis_queue import RedisWorker  # only there with the extra

    RedisWorker(queue, stopping).work(logging_level="ERROR")
    stopping.wait(IDLE_SECONDS)
