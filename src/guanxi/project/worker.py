"""The worker: runs jobs, follows the journal, and does what comes again and again."""

from __future__ import annotations

import logging
import threading

from guanxi.access import compiled
from guanxi.engine.jobs import recovery, stopping
from guanxi.engine.jobs.periodic import tick
from guanxi.engine.search import words
from guanxi.journal.pump import Pump
from guanxi.kernel import db
from guanxi.project import periodic_work, queue_workers
from guanxi.schema import registry
from guanxi.web import notices

TICK_SECONDS = 5.0
"""So exact are periodic work and reminders."""

log = logging.getLogger("guanxi.worker")


def run() -> int:
    """Work until SIGINT or SIGTERM; a job in progress stops between two batches, and another worker goes on with it."""
    periodic_work.register()
    threading.Thread(target=_repeat, daemon=True, name="periodic").start()
    threading.Thread(target=words.preload, daemon=True, name="dictionaries").start()
    threading.Thread(target=_mail, daemon=True, name="mails").start()
    journal = Pump(_refresh)
    journal.start()
    queue_workers.work()
    journal.stop()
    return 0


def _repeat() -> None:
    """Do what is due. A failure is logged and must not end the worker: the database may be away a moment."""
    while not stopping.wait(TICK_SECONDS):
        try:
            tick()
            recovery.take_up()
        except Exception:
            log.exception("The periodic work cannot be done at the moment")
        finally:
            db.close_all()


def _mail() -> None:
    """Send the mails with notices; a thread of its own, because a mail server may take its time."""
    while not stopping.wait(TICK_SECONDS):
        try:
            _refresh()
            notices.send_due()
        except Exception:
            log.exception("No mails can be sent at the moment")
        finally:
            db.close_all()


def _refresh() -> None:
    """Take up what changed in the database, as every request does."""
    versions = registry.versions()
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))
