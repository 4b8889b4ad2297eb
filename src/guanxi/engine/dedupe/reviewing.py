"""The groups that scans found, as far as the actor may see them; and deciding that two records are not the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine import write
from guanxi.engine.dedupe.clusters import grouped
from guanxi.engine.dedupe.scanning import KIND as SCAN
from guanxi.engine.dedupe.wording import reasons
from guanxi.engine.job import Job
from guanxi.engine.match_record import DuplicateGroup, NotDuplicate
from guanxi.engine.merging.run import can_merge
from guanxi.engine.rows import fetch, label_rows
from guanxi.engine.shapes import Labels, Row
from guanxi.kernel import bulk, clock
from guanxi.kernel.errors import NotFound
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

SIZE = 20
LOOKED_AT = 10
"""So many pages' worth of groups are looked through for a page that the actor may see."""


@dataclass(frozen=True)
class Group:
    """Records that look the same. ``score`` is 0 to 100, that of the weakest link."""

    id: int
    score: float
    rows: tuple[Row, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Groups:
    """A page of groups, the surest first; ``next`` is the ``after`` of the next page."""

    kind: ObjectType
    columns: tuple[FieldDefinition, ...]
    groups: tuple[Group, ...]
    labels: Labels
    next: int | None


def reviewed(actor: Actor) -> list[ObjectType]:
    """The objects whose duplicates the actor may review: those they may merge."""
    return [kind for kind in snapshot() if kind.declaration.duplicates is not None and can_merge(actor, kind)]


def groups(actor: Actor, kind: ObjectType, after: int = 0) -> Groups:
    """A page of groups. Of a group only the records count that are still there and that the actor may change."""
    rows = DuplicateGroup.objects.filter(object=kind.key).order_by("-score", "id")[after : after + SIZE * LOOKED_AT]
    found = list(rows)
    ids = {pk for row in found for pk in row.members}
    open_to = set(among(actor, kind, ids, "write").filter(deleted_at=None).values_list("pk", flat=True))
    kept: list[tuple[DuplicateGroup, list[int]]] = []
    looked = 0
    for row in found:
        if len(kept) == SIZE:
            break
        looked += 1
        members = [pk for pk in row.members if pk in open_to]
        if len(members) > 1:
            kept.append((row, members))
    columns = _columns(actor, kind)
    wanted = [pk for _row, members in kept for pk in members]
    fetched, _marks = fetch(among(actor, kind, wanted).filter(deleted_at=None), kind, columns, actor, editable=False)
    by_id = {row.id: row for row in fetched}
    shown = tuple(
        Group(row.pk, row.score, tuple(by_id[pk] for pk in members if pk in by_id), _reasons(actor, kind, row, members))
        for row, members in kept
    )
    more = after + looked if looked < len(found) or len(found) == SIZE * LOOKED_AT else None
    return Groups(kind, tuple(columns), shown, label_rows(columns, fetched, actor), more)


def _columns(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """The fields that records are compared in, and the owner."""
    declared = kind.declaration.duplicates
    assert declared is not None
    keys = [key for one in declared.compared for key in one.fields]
    keys = [*dict.fromkeys([*keys, *(["owner"] if kind.owned else []), "created_at"])]
    return [kind.fields[key] for key in keys if actor.field_level(kind.key, key) != "hidden"]


def _reasons(actor: Actor, kind: ObjectType, row: DuplicateGroup, members: Sequence[int]) -> tuple[str, ...]:
    """What the weakest link between the records says."""
    pairs = [pair for pair in row.pairs if pair[0] in members and pair[1] in members]
    weakest = min(pairs, key=lambda pair: pair[2], default=None)
    return tuple(reasons(actor, kind, weakest[3])) if weakest else ()


def set_apart(actor: Actor, group_id: int) -> DuplicateGroup:
    """The records of a group, as far as the actor may change them, are not the same; remembered, journaled by no entry of
    theirs because nothing of them changed. Raises :class:`NotFound` and :class:`Refused`."""
    row = DuplicateGroup.objects.filter(pk=group_id).first()
    kind = snapshot().objects.get(row.object) if row is not None else None
    if row is None or kind is None or not actor.can("read", kind.key):
        raise _missing()
    members = sorted(among(actor, kind, row.members, "write").filter(deleted_at=None).values_list("pk", flat=True))
    if len(members) < 2:
        raise _missing()
    write.require(actor, "merge", kind)
    with write.change(actor, "web"):
        known = set(NotDuplicate.objects.filter(object=kind.key, low__in=members).values_list("low", "high"))
        bulk.insert(
            [
                NotDuplicate(object=kind.key, low=low, high=high, decided_at=clock.now(), decided_by_id=actor.user_id)
                for low, high in combinations(members, 2)
                if (low, high) not in known
            ]
        )
        _divide(kind, row)
    return row


def _divide(kind: ObjectType, row: DuplicateGroup) -> None:
    """What is left of a group: the groups that its other pairs make."""
    apart = set(NotDuplicate.objects.filter(object=kind.key, low__in=row.members).values_list("low", "high"))
    left = grouped([tuple(pair) for pair in row.pairs], apart)
    row_id = row.pk
    DuplicateGroup.objects.filter(pk=row_id).delete()
    for group in left:
        DuplicateGroup.objects.create(
            object=row.object, scan=row.scan, score=group.score, members=sorted(group.members),
            pairs=[list(pair) for pair in group.pairs], found_at=row.found_at,
        )  # fmt: skip


def latest_scan(kind: ObjectType) -> Job | None:
    """The scan of an object that was started last."""
    return Job.objects.filter(kind=SCAN, arguments__object=kind.key).order_by("-id").first()


def _missing() -> NotFound:
    return NotFound(_("These duplicates are no longer there, or you may not change the records."))
