"""The worker: runs the jobs kept in the database, gives reminders, and once an hour clears what is no longer needed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.core.management import call_command
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from guanxi.access import attempts, compiled
from guanxi.domains.collaboration.reminders import remind
from guanxi.kernel import clock, db
from guanxi.schema import registry

HOUSEKEEPING_SECONDS = 3600.0
REMINDER_SECONDS = 30.0
IDLE_SECONDS = 1.0
"""Pause between two looks at an empty queue."""

log = logging.getLogger("guanxi.worker")


def run() -> int:
    """Run jobs until SIGINT or SIGTERM; a job in progress is finished first."""
    threading.Thread(target=_repeat, args=(_keep_house, HOUSEKEEPING_SECONDS), daemon=True, name="housekeeping").start()
    threading.Thread(target=_repeat, args=(_remind, REMINDER_SECONDS), daemon=True, name="reminders").start()
    worker = Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=IDLE_SECONDS,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
    )
    worker.configure_signals()
    worker.run()
    return 0


def _repeat(work: Callable[[], object], seconds: float) -> None:
    """Do the work again and again. A failure is logged and must not end the worker: the database may be away a moment."""
    while True:
        time.sleep(seconds)
        try:
            work()
        except Exception:
            log.exception("%s failed", threading.current_thread().name)
        finally:
            db.close_all()


def _keep_house() -> None:
    call_command("clearsessions", verbosity=0)
    call_command("prune_db_task_results", verbosity=0)
    attempts.sweep(clock.now() - 2 * attempts.FORGOTTEN_AFTER)


def _remind() -> None:
    versions = registry.versions()
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))
    remind()
