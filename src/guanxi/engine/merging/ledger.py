"""What was merged into what, and keeping that in step with undo."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.engine.merge_record import Merge, MergedInto
from guanxi.engine.merging import beside
from guanxi.engine.write import Door

MERGED, UNMERGED = "merged", "unmerged"
"""The verbs of the survivor's entries."""
MERGED_FROM = "merged_from"
"""Says in the entry which records it was made of, before and after."""
LONGEST_CHAIN = 50


def survivor_of(object_key: str, record: int) -> int | None:
    """The record that a merged one became part of, over any number of merges; ``None`` when it was not merged."""
    found: int | None = None
    seen = {record}
    for _step in range(LONGEST_CHAIN):
        pointer = MergedInto.objects.filter(object=object_key, record=record).order_by("-merge").first()
        if pointer is None or pointer.survivor in seen:
            break
        found = record = pointer.survivor
        seen.add(record)
    return found


def of_change(change_set: int) -> Merge | None:
    """The merge that undoing this change set would take back or do again."""
    return Merge.objects.filter(latest=change_set).first()


def note(door: Door, object_key: str, survivor: int, losers: Sequence[int], moved: dict[str, object]) -> Merge:
    """Write down a merge that has just been made."""
    door.recorder.record(object_key, MERGED, [(survivor, {MERGED_FROM: [None, list(losers)]}, None)])
    change_set = door.change_set or 0
    made = Merge.objects.create(
        change_set=change_set,
        latest=change_set,
        object=object_key,
        survivor=survivor,
        losers=list(losers),
        beside=moved,
    )
    _point(made)
    return made


def turn(made: Merge, door: Door) -> None:
    """Undo has taken the records of a merge back, or has done it again: let what hangs on them follow."""
    if made.standing:
        beside.take_back(made.object, made.survivor, made.beside)
        MergedInto.objects.filter(merge=made).delete()
        door.recorder.record(made.object, UNMERGED, [(made.survivor, {MERGED_FROM: [made.losers, None]}, None)])
    else:
        made.beside = beside.move(made.object, made.survivor, made.losers)
        door.recorder.record(made.object, MERGED, [(made.survivor, {MERGED_FROM: [None, made.losers]}, None)])
        _point(made)
    made.standing = not made.standing
    made.latest = door.change_set or made.latest
    made.save(update_fields=["standing", "latest", "beside"])


def _point(made: Merge) -> None:
    MergedInto.objects.bulk_create(
        [MergedInto(merge=made, object=made.object, record=pk, survivor=made.survivor) for pk in made.losers]
    )
