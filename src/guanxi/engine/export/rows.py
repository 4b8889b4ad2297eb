"""Reading the rows of an export: which ones in one query, then their values in batches."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from guanxi.engine import replicas
from guanxi.engine.export.order import Plan
from guanxi.engine.rows import fetch, label_rows
from guanxi.engine.scoping import rows_of
from guanxi.engine.shapes import Labels, Row
from guanxi.engine.sorting import ordered

BATCH = 1000


def select(plan: Plan, bound: int | None = None) -> array[int] | None:
    """The ids of the rows in their order, 8 bytes each; ``None`` as soon as there are more than ``bound``.

    One sorted pass, where keyset pages would sort again for every page of a list whose sort has no index. It also fixes
    what the file holds: no row twice and none left out while others work.
    """
    found = array("q")
    rows = ordered(plan.rows, plan.keys).values_list("pk", flat=True)
    with replicas.reading():
        for pk in (rows if bound is None else rows[: bound + 1]).iterator(chunk_size=5000):
            found.append(pk)
    return None if bound is not None and len(found) > bound else found


def exceeds(plan: Plan, bound: int) -> bool:
    """Whether there are more rows than ``bound``; none beyond that are counted."""
    return int(plan.rows.order_by()[: bound + 1].count()) > bound


def count(plan: Plan) -> int:
    """How many rows there are, all of them counted."""
    return int(plan.rows.order_by().count())


def batches(plan: Plan, ids: Sequence[int]) -> Iterator[tuple[list[Row], Labels]]:
    """The rows, each time at most 1,000, with the titles of what they point to. What is gone meanwhile is left out."""
    visible: Any = rows_of(plan.actor, plan.kind, None)
    for start in range(0, len(ids), BATCH):
        wanted = list(ids[start : start + BATCH])
        # Batch by batch: whoever takes the rows in between reads and writes as ever.
        with replicas.reading():
            found, _marks = fetch(visible.filter(pk__in=wanted), plan.kind, plan.fields, plan.actor, editable=False)
            place = {pk: index for index, pk in enumerate(wanted)}
            found.sort(key=lambda row: place[row.id])
            labels = label_rows(plan.fields, found, plan.actor)
        yield found, labels
