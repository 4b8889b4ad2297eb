"""Records in batches through the write door: on PostgreSQL by several processes, since there several may write at once."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.kernel import db, statistics
from guanxi.project.forked import LOOK_SECONDS, Forked

CHUNK = 2000
PARTS = 10
"""So many times is told how far it is."""

Row = Callable[[random.Random, int], dict[str, Any]]
"""The values of a record, by its number."""


def make(program: Actor, kind: str, rows: int, row: Row, progress: Callable[[str], None] = lambda line: None) -> None:
    """Make ``rows`` records of a kind. They are the same with any number of processes; the order of their ids is not.

    Where there are other threads, which no child would have, this process makes them all. Raises :class:`SystemExit` where
    a process could not make its share; what the others have made stays.
    """
    several = db.is_postgresql() and threading.active_count() == 1
    processes = min(os.cpu_count() or 1, -(-rows // CHUNK)) if several else 1
    if processes == 1:
        return _share(program, kind, rows, row, progress)
    db.connection().close()
    family = []
    try:
        for number in range(processes):
            family.append(Forked(partial(_child, program, kind, rows, row, progress, number, processes)))
        while any(child.poll() is None for child in family) and not any(child.poll() for child in family):
            time.sleep(LOOK_SECONDS)
    finally:
        for child in family:
            child.terminate()
    if any(child.poll() for child in family):
        raise SystemExit(f"Not all records of {kind} could be made; see the lines above.")


def _child(
    program: Actor, kind: str, rows: int, row: Row, progress: Callable[[str], None], number: int, processes: int
) -> int:
    _share(program, kind, rows, row, progress if number == 0 else lambda line: None, number, processes)
    return 0


def _share(
    program: Actor,
    kind: str,
    rows: int,
    row: Row,
    progress: Callable[[str], None],
    number: int = 0,
    processes: int = 1,
) -> None:
    """The batches that fall to one of the processes: from the one of its ``number`` on, one for each process."""
    told = 0
    for chunk in _chunks(rows, number, processes):
        if chunk.start * PARTS // rows > told:
            told = chunk.start * PARTS // rows
            progress(f"{chunk.start:,} of {rows:,} records of {kind}")
        # Batches have dice of their own, so that it does not matter which process makes them.
        dice = random.Random(f"{kind} {chunk.start}")  # noqa: S311  reproducible rows, not secrets
        with write.change(program, "bench") as door:
            door.create_many(kind, [row(dice, index) for index in chunk])


def _chunks(rows: int, number: int, processes: int) -> Iterator[range]:
    """Batches of as many records as the door writes at once.

    In between, tables that have doubled are counted: what is looked up would otherwise be looked for in all of them.
    """
    for batch, start in enumerate(range(number * CHUNK, rows, processes * CHUNK)):
        if number == 0 and batch % 10 == 0:
            statistics.refresh()
        yield range(start, min(start + CHUNK, rows))
