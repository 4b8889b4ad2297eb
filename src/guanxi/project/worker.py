"""The worker: runs the jobs kept in the database, and once an hour clears what is no longer needed."""

from __future__ import annotations

import logging
import threading
import time

from django.core.management import call_command
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from guanxi.kernel import db

HOUSEKEEPING_SECONDS = 3600.0
IDLE_SECONDS = 1.0
"""Pause between two looks at an empty queue."""

log = logging.getLogger("guanxi.worker")


def run() -> int:
    """Run jobs until SIGINT or SIGTERM; a job in progress is finished first."""
    threading.Thread(target=_keep_house, daemon=True, name="housekeeping").start()
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


def _keep_house() -> None:
    while True:
        time.sleep(HOUSEKEEPING_SECONDS)
        try:
            call_command("clearsessions", verbosity=0)
            call_command("prune_db_task_results", verbosity=0)
        except Exception:
            # Housekeeping comes again in an hour; a database that is away for a moment must not end the worker.
            log.exception("housekeeping failed")
        finally:
            db.close_all()
