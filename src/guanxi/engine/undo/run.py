"""Doing what the plan says: one new change set that takes the old one back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.labels import labels_for
from guanxi.engine.merge_record import Merge
from guanxi.engine.merging.ledger import turn
from guanxi.engine.undo.changes import Change
from guanxi.engine.undo.judging import Refusal
from guanxi.engine.undo.plan import Plan, at_once, judged, judged_at_once, missing
from guanxi.engine.write.door import Door
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import db
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot

NAMED = 5
"""So many records are named in a refusal."""


@dataclass
class Undone:
    """What an undo did: its own change set (to be undone in turn), how many records it gave back, and which it left."""

    change_set: int | None
    records: int = 0
    refused: list[Refusal] = field(default_factory=list)
    again: bool = False
    """Whether it did again what had been undone."""


def undo(
    actor: Actor,
    change_set_id: int,
    only: Collection[tuple[str, int]] | None = None,
    *,
    request: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Undone:
    """Take a change set back, or what it did to the records ``only`` names; undoing an undo does things again (redo).

    Records whose later changes would be lost are left as they are and named. Raises :class:`Conflict` when that is every
    record, :class:`Refused` when the actor lacks the right to all of them, and :class:`NotFound` for a change set of which
    the actor may see nothing; then nothing is written.
    """
    with db.atomic():
        # Whoever undoes the same change at the same moment waits here, and then finds it undone.
        change_set = ChangeSet.objects.select_for_update().filter(pk=change_set_id).first()
        if change_set is None:
            raise missing()
        kind = at_once(change_set) if only is None else None
        if kind is not None:
            total = Entry.objects.filter(change_set=change_set).count()
            pieces: Iterable[Plan] = judged_at_once(actor, change_set, kind)
        else:
            pieces = list(judged(actor, change_set, only))
            total = sum(len(piece.possible) for piece in pieces)
            _refuse_part_of_merge(actor, pieces)
        return _done(actor, change_set, pieces, request, lambda done: progress(done, total))


def _done(
    actor: Actor, change_set: ChangeSet, pieces: Iterable[Plan], request: str, progress: Callable[[int], None]
) -> Undone:
    done = Undone(None, again=change_set.cause == "undo")
    seen = False
    merge: Merge | None = None
    cause = "redo" if done.again else "undo"
    with write.change(actor, cause=cause, request=request, undoes=change_set.pk) as door:
        door.recorder.begin()
        for piece in pieces:
            seen = seen or piece.seen
            done.refused += piece.refused
            merge = merge or piece.merge
            if piece.possible:
                kind = snapshot().get(piece.possible[0].object)
                hand = door if piece.named(piece.possible[0]) else door.as_program()
                _take_back(hand, kind, piece.possible, change_set.at, done, piece.locked)
            progress(done.records)
        if not seen:
            raise missing()
        if merge is not None:
            _finish_merge(actor, merge, door, done)
        if not done.records:
            raise _nothing(done.refused)
        done.change_set = door.change_set
    return done


def _refuse_part_of_merge(actor: Actor, pieces: Sequence[Plan]) -> None:
    """Raise where something of a merge could not be undone, before anything is."""
    if not any(piece.seen for piece in pieces):
        raise missing()
    refused = [one for piece in pieces if piece.merge is not None for one in piece.refused]
    if refused:
        raise _whole_or_nothing(actor, refused)


def _finish_merge(actor: Actor, merge: Merge, door: Door, done: Undone) -> None:
    """What hangs on the merged records follows; a merge of which something must stay is not undone at all."""
    if done.refused:
        raise _whole_or_nothing(actor, done.refused)
    turn(merge, door)


def _whole_or_nothing(actor: Actor, refused: Sequence[Refusal]) -> GuanxiError:
    wanted: dict[str, set[int]] = {}
    for one in refused:
        wanted.setdefault(one.change.object, set()).add(one.change.record)
    titles = labels_for(actor, wanted)
    said = []
    for one in refused[:NAMED]:
        key = (one.change.object, one.change.record)
        said.append(f"{titles[key]}: {one.reason}" if key in titles else one.reason)
    message = _("Nothing was undone, because a merge is undone as a whole. %(reasons)s")
    message %= {"reasons": " ".join(dict.fromkeys(said))}
    return Refused(message) if all(one.forbidden for one in refused) else Conflict(message)


def _nothing(refused: Sequence[Refusal]) -> GuanxiError:
    if not refused:
        return Conflict(_("There is nothing to undo: the change left everything as it was."))
    said = _("Nothing was undone. %(reason)s") % {"reason": refused[0].reason}
    return Refused(said) if all(one.forbidden for one in refused) else Conflict(said)


def _take_back(
    door: Door,
    kind: ObjectType,
    changes: list[Change],
    since: datetime,
    done: Undone,
    found: Mapping[int, Record] | None = None,
) -> None:
    """Take back changes of one object and one way, made at a moment; those that the door refuses are left out and named."""
    while changes:
        try:
            with db.atomic():
                _write(door, kind, changes, since, found)
        except Invalid as error:
            found = None  # they bear the values that were refused
            if not error.rows:
                raise
            for index in sorted(error.rows, reverse=True):
                words = " ".join(message for messages in error.rows[index].values() for message in messages)
                done.refused.append(Refusal(changes.pop(index), words))
        except GuanxiError as error:
            # What the door refuses as a whole is asked for one by one, so that only those it is about are left.
            if len(changes) == 1:
                done.refused.append(Refusal(changes[0], error.message))
                return
            for change in changes:
                _take_back(door, kind, [change], since, done)
            return
        else:
            done.records += len(changes)
            return


def _write(
    door: Door, kind: ObjectType, changes: Sequence[Change], since: datetime, found: Mapping[int, Record] | None
) -> None:
    ids = [change.record for change in changes]
    if changes[0].way == "delete":
        # What came out of the bin and was changed there is as it was before it goes back.
        restored = _former(kind, [change for change in changes if change.gone_since])
        if restored:
            door.revert(kind.key, restored, since)
        # What was restored goes back to where it was; what was made goes there for the first time.
        for binned, group in groupby(sorted(changes, key=lambda one: one.gone_since or ""), lambda one: one.gone_since):
            moment = datetime.fromisoformat(binned) if binned else None
            # Parts went along with what they belong to.
            live = kind.model._default_manager.filter(pk__in=[change.record for change in group], deleted_at=None)
            if left := list(live.values_list("pk", flat=True)):
                door.delete(kind.key, left, moment)
        return
    if changes[0].way == "restore":
        gone = kind.model._default_manager.filter(pk__in=ids, deleted_at__isnull=False)
        door.restore(kind.key, list(gone.values_list("pk", flat=True)))
    values = _former(kind, changes)
    if values:
        door.revert(kind.key, values, since, found)


def _former(kind: ObjectType, changes: Sequence[Change]) -> dict[int, dict[str, Any]]:
    """The values before the changes; formulas follow by themselves. Equal ones are read but once."""
    known: dict[tuple[str, Any], Any] = {}
    former: dict[int, dict[str, Any]] = {}
    for change in changes:
        values: dict[str, Any] = {}
        for key, (before, _after) in change.changes.items():
            field = kind.fields[key]
            if field.spec.compute is not None:
                continue
            if before is None or isinstance(before, list | dict):
                values[key] = field.kind.parse(before, field.spec) if before is not None else None
                continue
            if (key, before) not in known:
                known[key, before] = field.kind.parse(before, field.spec)
            values[key] = known[key, before]
        if change.changes:
            former[change.record] = values
    return former
