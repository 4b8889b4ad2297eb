"""Writes the stage history of opportunities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from guanxi.domains.sales.stage_change import StageChange
from guanxi.schema.rules import Draft, WriteDoor

BATCH = 5_000


def record_moves(drafts: Sequence[Draft], door: WriteDoor) -> None:
    """Close the running stay of every opportunity that moved and open the next; three statements per batch."""
    moved = [draft for draft in drafts if draft.created or draft.changed("stage")]
    program = door.as_program()
    for start in range(0, len(moved), BATCH):
        batch = moved[start : start + BATCH]
        moments = {draft.record.pk: draft.get("stage_entered_at") or door.now for draft in batch}
        earlier = [draft.record.pk for draft in batch if not draft.created]
        if earlier and (ended := _ended(earlier, moments)):
            program.update_each("stage_change", ended)
        program.create_many("stage_change", [_stay(draft, moments[draft.record.pk]) for draft in batch])


def take_back_moves(drafts: Sequence[Draft], door: WriteDoor) -> None:
    """Bring the history of opportunities back to the stay in which they stand again, as if they had never left it.

    An opportunity that goes where it never stood at that moment (a move done again) moves as ever.
    """
    moved = [draft for draft in drafts if draft.changed("stage") or draft.changed("stage_entered_at")]
    ahead = []
    for start in range(0, len(moved), BATCH):
        batch = {draft.record.pk: draft for draft in moved[start : start + BATCH]}
        stays: dict[int, list[StageChange]] = {}
        rows = StageChange.objects.filter(opportunity_id__in=list(batch), deleted_at=None)
        for stay in rows.order_by("entered_at", "pk"):
            stays.setdefault(stay.opportunity_id, []).append(stay)
        gone: list[int] = []
        again: list[int] = []
        for pk, draft in batch.items():
            left = _left(stays.get(pk, []), draft)
            if left is None:
                ahead.append(draft)
                continue
            again.append(left[0].pk)
            gone += [stay.pk for stay in left[1:]]
        StageChange.objects.filter(pk__in=gone).delete()
        StageChange.objects.filter(pk__in=again).update(left_at=None, seconds=None)
    if ahead:
        record_moves(ahead, door)


def _left(stays: Sequence[StageChange], draft: Draft) -> Sequence[StageChange] | None:
    """The stay in which the opportunity stands again with those that came after it; ``None`` when there is no such stay."""
    for index in range(len(stays) - 1, -1, -1):
        if stays[index].to_stage_id == draft.get("stage") and stays[index].entered_at == draft.get("stage_entered_at"):
            return stays[index:]
    return None


def _ended(opportunities: Iterable[int], moments: dict[int, datetime]) -> dict[int, dict[str, Any]]:
    rows = StageChange.objects.filter(opportunity_id__in=list(opportunities), left_at=None, deleted_at=None)
    ended: dict[int, dict[str, Any]] = {}
    for row in rows:
        left = max(moments[row.opportunity_id], row.entered_at)
        ended[row.pk] = {"left_at": left, "seconds": int((left - row.entered_at).total_seconds())}
    return ended


def _stay(draft: Draft, entered: datetime) -> dict[str, Any]:
    return {
        "opportunity": draft.record.pk,
        "from_stage": draft.was("stage"),
        "to_stage": draft.get("stage"),
        "entered_at": entered,
        "responsible": draft.get("owner"),
    }


def last_open_stages(opportunities: Sequence[int]) -> dict[int, int]:
    """The open stage each opportunity stood in last, by opportunity id; one query per batch."""
    found: dict[int, int] = {}
    for start in range(0, len(opportunities), BATCH):
        rows = StageChange.objects.filter(
            opportunity_id__in=opportunities[start : start + BATCH],
            to_stage__category="open",
            to_stage__deleted_at=None,
            deleted_at=None,
        )
        found.update(rows.order_by("entered_at", "pk").values_list("opportunity_id", "to_stage_id"))
    return found
