"""Everything that is done again and again, and how often."""

from __future__ import annotations

from django.core.management import call_command

from guanxi.access import attempts
from guanxi.domains.collaboration.reminders import remind
from guanxi.engine import idempotency
from guanxi.engine.aggregates import upkeep
from guanxi.engine.bulk import shown as bulk
from guanxi.engine.importing.sweeping import sweep as sweep_imports
from guanxi.engine.jobs import DAY, every
from guanxi.engine.jobs.starting import in_database
from guanxi.engine.jobs.sweeping import sweep as sweep_jobs
from guanxi.engine.retention import nightly
from guanxi.journal import delivering
from guanxi.kernel import clock, statistics

HOUR = 3600
NIGHT = 3
"""The hour of the company's day at which the work of the night begins."""


def register() -> None:
    """Make it all known; called once when the worker starts."""
    every("reminders", 20, remind)
    every("sessions", HOUR, _sweep_sessions)
    every("queue", HOUR, _sweep_queue)
    every("sign-in attempts", HOUR, _sweep_attempts)
    every("deliveries", HOUR, delivering.sweep)
    every("jobs", HOUR, sweep_jobs)
    every("idempotency keys", HOUR, idempotency.sweep)
    every("mass changes", HOUR, bulk.sweep)
    every("imports", 600, sweep_imports)
    every("statistics", HOUR, statistics.refresh)
    every("aggregates", 60, upkeep.tend)
    every("aggregates compared", DAY, upkeep.check_all, hour=NIGHT)
    every("retention", DAY, nightly.start, hour=NIGHT)


def _sweep_sessions() -> None:
    call_command("clearsessions", verbosity=0)


def _sweep_queue() -> None:
    # Redis forgets finished tasks by itself.
    if in_database():
        call_command("prune_db_task_results", queue_name="*", verbosity=0)


def _sweep_attempts() -> None:
    attempts.sweep(clock.now() - 2 * attempts.FORGOTTEN_AFTER)
