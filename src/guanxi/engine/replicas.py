"""Reports and exports from a replica, where there is one that is near enough; otherwise from the company's own database."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from guanxi.kernel import db
from guanxi.schema import registry

MOST_BEHIND = 2.0
"""Seconds. A replica that is further behind is not read: it would show what is no longer so."""
PAUSE = 30.0
"""Seconds for which a replica that did not answer is left alone: nobody should wait for it at every report."""
_LAG = (
    "SELECT CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 "
    "ELSE COALESCE(EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp()), 1e9) END"
)
_left_alone: dict[str, float] = {}

log = logging.getLogger("guanxi.replica")


@contextmanager
def reading() -> Iterator[float | None]:
    """Read from the replica in this block; the seconds it is behind at most, or ``None`` where the database itself is read.

    The replica must know the same versions of roles, departments, people and objects as this process, so that rights given
    or taken are the same in both; only a single record shared or no longer shared may be up to :data:`MOST_BEHIND` late.
    """
    behind = _behind() if db.has_replica() and not db.in_transaction() else None
    if behind is None:
        yield None
        return
    with db.replica():
        yield behind


def _behind() -> float | None:
    """How far the replica is behind; nothing where it is not to be read."""
    name = db.alias()
    if _left_alone.get(name, 0.0) > time.monotonic():
        return None
    known = registry.versions()
    try:
        with db.replica():
            with db.cursor() as cursor:
                cursor.execute(_LAG)
                behind = float(cursor.fetchone()[0])
            same = registry.versions() == known
    except DatabaseError:
        log.warning("The replica does not answer; reports read the database itself.", exc_info=True)
        _left_alone[name] = time.monotonic() + PAUSE
        return None
    return behind if same and behind <= MOST_BEHIND else None
