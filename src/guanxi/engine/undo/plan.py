"""What undoing a change set would do, record by record, and what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among, every
from guanxi.engine.aggregates.keeping import attributes
from guanxi.engine.matching.keys import read_fields
from guanxi.engine.merge_record import Merge
from guanxi.engine.merging.ledger import of_change
from guanxi.engine.retention.thinning import thinned
from guanxi.engine.undo.changes import CHUNK, Change, in_pieces, of_set, uniform
from guanxi.engine.undo.judging import Refusal, judge
from guanxi.engine.write import loading
from guanxi.engine.write.deletion import DELETED_AT, parts_of
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel.errors import NotFound
from guanxi.schema.definition import ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot


@dataclass
class Plan:
    """What undo would do: the changes it takes back, in the order in which it does so, and those it leaves."""

    change_set: ChangeSet
    possible: list[Change] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    seen: bool = False
    """Whether the actor may see any of the records."""
    locked: Mapping[int, Record] | None = None
    """The records that the actor may write, where they were locked to be judged."""
    merge: Merge | None = None
    """The merge that the change set made or took back: it is undone as a whole or not at all."""

    @property
    def redoes(self) -> bool:
        """Whether the change set is itself an undo, so that taking it back does things again."""
        return self.change_set.cause == "undo"

    def named(self, change: Change) -> bool:
        """Whether the change is to a record that somebody named. What followed a merge, follows its undo: only the records
        merged need be within the reach of whoever undoes it."""
        merge = self.merge
        return merge is None or (change.object == merge.object and change.record in (merge.survivor, *merge.losers))


def plan(actor: Actor, change_set_id: int, only: Collection[tuple[str, int]] | None = None) -> Plan:
    """What undoing the change set (or what it did to the records ``only`` names) would do for this actor.

    Raises :class:`NotFound` for a change set of which the actor may see nothing.
    """
    change_set = ChangeSet.objects.filter(pk=change_set_id).first()
    if change_set is None:
        raise missing()
    made = Plan(change_set, merge=of_change(change_set_id))
    for piece in judged(actor, change_set, only):
        made.possible += piece.possible
        made.refused += piece.refused
        made.seen = made.seen or piece.seen
    if not made.seen:
        raise missing()
    if made.merge is not None and made.refused:
        made.possible.clear()
    return made


def at_once(change_set: ChangeSet) -> ObjectType | None:
    """The object, where the change set can be judged and undone piece by piece.

    That is where it did one and the same to records of one object: then nothing that is undone first changes what is
    judged later. Otherwise everything has to be judged before anything is undone.
    """
    kind = snapshot().objects.get(uniform(change_set) or "")
    if kind is None or any(part.key == kind.key for part, _via in parts_of(kind)):
        return None
    return kind


def judged_at_once(actor: Actor, change_set: ChangeSet, kind: ObjectType) -> Iterator[Plan]:
    """The plan of such a change set in pieces, each with its records, locked, in :attr:`Plan.locked`."""
    summed_up = _summed_up(change_set)
    for changes in in_pieces(change_set):
        for way in dict.fromkeys(change.way for change in changes):
            run = [change for change in changes if change.way == way]
            locked = loading.locked(actor, kind, [change.record for change in run], only=_needed(kind, run))
            yield _piece(actor, kind, run, Plan(change_set, locked=locked), summed_up)


def _needed(kind: ObjectType, changes: Sequence[Change]) -> set[str]:
    """The attributes that judging the changes and giving back their former values looks at."""
    keys = {"owner", *kind.declaration.search, *read_fields(kind)}.union(*(change.changes for change in changes))
    keys.update(kind.fields[key].spec.depends for key in keys & kind.fields.keys())
    for formula in (one for one in kind.fields.values() if one.spec.compute is not None):
        keys.update((formula.key, *formula.spec.extra["reads"]))
    found = [kind.fields[key] for key in keys if key in kind.fields]
    columns = {"extra" if one.custom else one.attribute for one in found if not one.virtual}
    return columns | attributes(kind) | {"version", DELETED_AT}


def judged(actor: Actor, change_set: ChangeSet, only: Collection[tuple[str, int]] | None = None) -> Iterator[Plan]:
    """The plan in pieces, each of one object and one way of undoing, in the order in which they are to be undone."""
    summed_up = _summed_up(change_set)
    whole = Plan(change_set, merge=of_change(change_set.pk))
    changes = of_set(change_set, only if whole.merge is None else None)
    for kind, run in _runs(whole, _in_order(changes)):
        named = whole.named(run[0])
        piece = Plan(change_set, merge=whole.merge)
        piece = _piece(actor if named else actor.as_program(), kind, run, piece, summed_up)
        piece.seen = piece.seen and named
        yield piece


def _summed_up(change_set: ChangeSet) -> str:
    """Why nothing of the change set can be undone, if that is so."""
    if thinned([change_set.pk]):
        return _("The history of that time has been summed up, so this can no longer be undone.")
    return ""


def _piece(actor: Actor, kind: ObjectType, changes: Sequence[Change], piece: Plan, summed_up: str) -> Plan:
    known = _known(actor, kind, [change.record for change in changes], piece.locked or {})
    piece.seen = bool(known)
    visible = [change for change in changes if change.record in known]
    if summed_up:
        piece.refused += [Refusal(change, summed_up) for change in visible]
    elif visible:
        piece.possible, refused = judge(actor, kind, visible, piece.locked)
        piece.refused += refused
    if len(visible) < len(changes):
        unseen = _("You may not see this record.")
        piece.refused += [Refusal(change, unseen, forbidden=True) for change in changes if change.record not in known]
    return piece


def require_sight(actor: Actor, change_set_id: int) -> None:
    """Raise :class:`NotFound` unless the actor may see one of the records that the change set touched."""
    entries = Entry.objects.filter(change_set=change_set_id)
    for key in entries.order_by().values_list("object", flat=True).distinct():
        kind = snapshot().objects.get(key)
        touched = entries.filter(object=key).values("record")
        if kind is not None and kind.declaration.kind != "log" and every(actor, kind).filter(pk__in=touched).exists():
            return
    raise missing()


def missing() -> NotFound:
    """What is said of a change set of which the actor may see nothing."""
    return NotFound(_("There is no such change, or you may see none of the records it touched."))


def _in_order(changes: Sequence[Change]) -> list[Change]:
    """Records come back before what points to them gets its values, and go last of all, the youngest first."""
    ways: dict[str, list[Change]] = {}
    for change in changes:
        ways.setdefault(change.way, []).append(change)
    first = [*ways.get("restore", []), *reversed(ways.get("values", [])), *reversed(ways.get("delete", []))]
    return [*first, *ways.get("impossible", []), *ways.get("nothing", [])]


def _runs(whole: Plan, changes: Sequence[Change]) -> Iterator[tuple[ObjectType, list[Change]]]:
    """Changes that are looked at and done together: of one object, one way and one person's rights."""
    for (key, *_rest), run in groupby(changes, key=lambda change: (change.object, change.way, whole.named(change))):
        kind = snapshot().objects.get(key)
        found = list(run)
        if kind is not None and kind.declaration.kind != "log":
            for start in range(0, len(found), CHUNK):
                yield kind, found[start : start + CHUNK]


def _known(actor: Actor, kind: ObjectType, ids: Sequence[int], writable: Collection[int]) -> set[int]:
    """The records among them that the actor may see, those in the recycle bin included; ``writable`` ones may be seen."""
    rest = [pk for pk in ids if pk not in writable]
    found = among(actor, kind, rest).values_list("pk", flat=True) if rest else ()
    return {*writable, *found}
