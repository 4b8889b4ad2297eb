"""What was done, change set by change set: one's own, or that of the whole company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet

from guanxi.access.actor import Actor
from guanxi.engine.history import why
from guanxi.engine.labels import labels_for
from guanxi.journal.models import ChangeSet, Entry
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

SIZE = 30
NAMED = 3
"""So many records of an act are named."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many records of one object had the same done to them."""

    kind: ObjectType
    verb: str
    count: int


@dataclass(frozen=True, slots=True)
class Act:
    """One change set. ``records`` are (object, id, title) of the first that the actor may see."""

    id: int
    at: datetime
    person: str
    why: str
    done: tuple[Done, ...]
    records: tuple[tuple[str, int, str], ...]
    undoes: int | None
    undone: bool
    redoes: bool
    """Whether it is an undo, so that taking it back does things again."""


@dataclass(frozen=True, slots=True)
class Acts:
    """A page of them, newest first; ``next`` is the ``before`` of the next page."""

    acts: tuple[Act, ...]
    next: int | None


def sees_all(actor: Actor) -> bool:
    """Whether the actor may look at what everybody did: administrators, and whoever may read the audit log."""
    return actor.can("read", "audit_event")


def acts(
    actor: Actor,
    *,
    everybody: bool = False,
    person: int | None = None,
    object_key: str = "",
    start: date | None = None,
    end: date | None = None,
    before: int | None = None,
) -> Acts:
    """What was done, newest first; by the actor, or by everybody where the actor may see that."""
    rows = ChangeSet.objects.order_by("-id")
    if not (everybody and sees_all(actor)):
        rows = rows.filter(actor=actor.user_id)
    elif person is not None:
        rows = rows.filter(actor=person)
    if object_key:
        rows = rows.filter(Exists(Entry.objects.filter(change_set=OuterRef("pk"), object=object_key)))
    if start is not None:
        rows = rows.filter(at__gte=datetime.combine(start, time.min, actor.zone))
    if end is not None:
        rows = rows.filter(at__lt=datetime.combine(end, time.min, actor.zone) + timedelta(days=1))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SIZE + 1])
    return Acts(_told(actor, found[:SIZE]), found[SIZE - 1].pk if len(found) > SIZE else None)


def _told(actor: Actor, sets: Sequence[ChangeSet]) -> tuple[Act, ...]:
    ids = [one.pk for one in sets]
    people = labels_for(actor, {"user": {one.actor for one in sets if one.actor is not None}})
    undone = undone_among(ids)
    done: dict[int, list[Done]] = {}
    for pk, key, verb, count in _counts(Entry.objects.filter(change_set__in=ids)):
        kind = snapshot().objects.get(key)
        if kind is not None and kind.declaration.kind != "log":
            done.setdefault(pk, []).append(Done(kind, verb, count))
    named = _named(actor, ids)
    return tuple(
        Act(
            id=one.pk,
            at=one.at,
            person=people.get(("user", one.actor or 0), ""),
            why=why(one.cause),
            done=tuple(sorted(done.get(one.pk, ()), key=lambda each: -each.count)),
            records=named.get(one.pk, ()),
            undoes=one.undoes_id,
            undone=one.pk in undone,
            redoes=one.cause == "undo",
        )
        for one in sets
    )


def _counts(entries: QuerySet[Entry]) -> list[tuple[int, str, str, int]]:
    rows = entries.order_by().values_list("change_set_id", "object", "verb")
    return list(rows.annotate(number=Count("record", distinct=True)))


def undone_among(ids: Sequence[int]) -> set[int]:
    """Which change sets were taken back by one that was not taken back in turn."""
    undos = dict(ChangeSet.objects.filter(undoes__in=ids).values_list("pk", "undoes_id"))
    again = undone_among(list(undos)) if undos else set()
    return {target for pk, target in undos.items() if pk not in again and target is not None}


def _named(actor: Actor, ids: Sequence[int]) -> dict[int, tuple[tuple[str, int, str], ...]]:
    """The first records of each change set that the actor may see, by title."""
    first: dict[int, list[tuple[str, int]]] = {}
    for pk in ids:
        rows = Entry.objects.filter(change_set=pk).order_by("id").values_list("object", "record")
        for pair in dict.fromkeys(rows[: NAMED * 4]):
            kind = snapshot().objects.get(pair[0])
            if kind is not None and kind.declaration.kind != "log":
                first.setdefault(pk, []).append(pair)
    wanted: dict[str, set[int]] = {}
    for pairs in first.values():
        for key, record in pairs[:NAMED]:
            wanted.setdefault(key, set()).add(record)
    titles = labels_for(actor, wanted)
    return {
        pk: tuple((key, record, titles[(key, record)]) for key, record in pairs[:NAMED] if (key, record) in titles)
        for pk, pairs in first.items()
    }
