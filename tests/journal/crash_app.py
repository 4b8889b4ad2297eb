"""What the crash test adds to the program: a stream consumer that takes its time, and short leases."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from guanxi.journal.models import Entry

EFFECTS = "CREATE TABLE crash_effect (entry bigint NOT NULL)"


class Effects:
    """Writes a row per entry into a table that would show one taken twice."""

    name = "effects"

    def take(self, entries: Sequence[Entry]) -> None:
        from guanxi.kernel import db

        with db.cursor() as cursor:
            for entry in entries:
                cursor.execute("INSERT INTO crash_effect (entry) VALUES (%s)", [entry.pk])
                if random.random() < 0.02:
                    time.sleep(0.02)  # a kill should also come in the middle


class CrashApp(AppConfig):
    """Registered by the settings of the crash test alone."""

    name = "tests.journal"
    label = "crash"

    def ready(self) -> None:
        from guanxi.journal import consumers, delivering

        consumers.register(Effects())
        delivering.LEASE = timedelta(seconds=4)
