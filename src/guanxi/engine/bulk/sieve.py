"""Writing many rows through the door so that those it refuses are left out, and only those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from guanxi.engine.parse import refusal
from guanxi.kernel import db
from guanxi.kernel.errors import GuanxiError, Invalid

T = TypeVar("T")


def sift(rows: Sequence[T], write: Callable[[list[T]], None], refuse: Callable[[T, GuanxiError], None]) -> list[T]:
    """The rows that ``write`` took, in order; ``refuse`` is told of every other one, with its own error.

    ``write`` writes all rows it is given or raises; it is called inside a savepoint. Rows that an error names are left out
    and the rest is tried again at once; an error about the whole is narrowed down by halves.
    """
    taken: list[T] = []
    pending = [list(rows)]
    while pending:
        part = pending.pop()
        halves = _written(part, write, refuse, taken)
        # The first half is looked at first, so that rows are written in their order.
        pending.extend(reversed(halves))
    return taken


def _written(
    part: list[T], write: Callable[[list[T]], None], refuse: Callable[[T, GuanxiError], None], taken: list[T]
) -> list[list[T]]:
    """Write a part; the parts that are still to be tried."""
    while part:
        try:
            with db.atomic():
                write(part)
        except GuanxiError as error:
            named: Mapping[int, Mapping[str, Sequence[str]]] = error.rows if isinstance(error, Invalid) else {}
            if named:
                for index in sorted(named):
                    refuse(part[index], refusal({key: list(said) for key, said in named[index].items()}))
                part = [row for index, row in enumerate(part) if index not in named]
            elif len(part) == 1:
                refuse(part[0], error)
                return []
            else:
                half = len(part) // 2
                return [part[:half], part[half:]]
        else:
            taken.extend(part)
            return []
    return []
