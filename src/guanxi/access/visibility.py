"""The one compiler from rights to a database condition. Everything that shows or changes records goes through it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import IsNull

from guanxi.access import granted, kept
from guanxi.access.actor import Actor
from guanxi.access.granted import Level
from guanxi.journal.models import Past
from guanxi.kernel import clock, prepared
from guanxi.kernel.sql import IdIn, ReferenceId
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

NOTHING = Q(pk__in=())
AT_ONCE = 20
"""Of so few records it is asked in one question with their names which of them were granted."""
DEPTH = 3
"""How many records deep visibility is inherited."""


def visible(actor: Actor, kind: ObjectType, level: Level = "read", *, narrow: bool = False) -> QuerySet[Any]:
    """The live records of an object that the actor may read, or write; ``narrow`` as for :func:`condition`."""
    return every(actor, kind, level, narrow=narrow).filter(deleted_at=None)


def every(actor: Actor, kind: ObjectType, level: Level = "read", *, narrow: bool = False) -> QuerySet[Any]:
    """As :func:`visible`, with those in the recycle bin."""
    return kind.model._default_manager.filter(condition(actor, kind, level, narrow=narrow))


def among(actor: Actor, kind: ObjectType, ids: Iterable[int], level: Level = "read") -> QuerySet[Any]:
    """Those of the records named that the actor may read, or write; those in the recycle bin too.

    Begins with the ids: a page of fifty must not cost more the more somebody owns.
    """
    return every(actor, kind, level, narrow=True).filter(IdIn(F("pk"), ids))


def named(
    actor: Actor,
    kind: ObjectType,
    ids: Collection[int],
    *columns: str,
    level: Level = "read",
    live: bool = False,
) -> list[tuple[Any, ...]]:
    """The ids, with columns as they are stored, of those of :func:`among`, or of those alive; in the order of the ids.

    A page asks for several: prepared, unless the right to a record follows from the right to others.
    """
    if not ids or not actor.can("read" if level == "read" else "edit", kind.key):
        return []
    shape = (kind.model, columns, live)
    if actor.past is None and sees_all(actor, kind, level):
        return _kept(actor, kind, ids, shape) if kept.is_kept(kind) else prepared.rows(_named, ids, shape=shape)
    rights = own_and_granted(actor, kind, level, look_up=len(ids) > AT_ONCE)
    if rights is not None:
        people, opened = rights
        if opened is not None:
            return prepared.rows(_named_of, ids, people, opened, shape=shape)
        whom = granted.principals(actor), level
        return prepared.rows(_named_among_many, ids, people, kind.key, clock.now(), shape=(shape, whom))
    rows = among(actor, kind, ids, level).order_by("pk").values_list("pk", *columns)
    return list(rows.filter(deleted_at=None) if live else rows)


def own_and_granted(
    actor: Actor, kind: ObjectType, level: Level, *, look_up: bool = True
) -> tuple[Collection[int], Collection[int] | None] | None:
    """The people whose records, and the single records that are open to the actor; ``None`` where there is more to it.

    ``None`` instead of the single records says that there are too many to name; without ``look_up``, also that nobody in
    this request has asked for them yet.
    """
    inherits = kind.declaration.inherits and (level == "read" or kind.declaration.kind == "relation")
    if actor.past is not None or not kind.owned or inherits or (level == "write" and _edits_further(actor, kind)):
        return None
    opened: Collection[int] | None = ()
    if kind.key in actor.access.granted:
        opened = granted.ids(actor, kind, level) if look_up else actor.opened.get((kind.key, level))
    return actor.reach(kind.key, edit=level == "write") or (), opened


Shape = tuple[type[Any], tuple[str, ...], bool]
"""The model, the columns, and whether only those alive are asked for."""


def _kept(actor: Actor, kind: ObjectType, ids: Collection[int], shape: Shape) -> list[tuple[Any, ...]]:
    """What records of few and known objects are called, without asking again."""
    _model, *asked = shape
    known = kept.store(actor).setdefault(("named", kind.key, *asked), {})
    # One that is not there is asked for again: it may come with the transaction that is going on.
    if missing := [pk for pk in ids if pk not in known]:
        known.update((row[0], row) for row in prepared.rows(_named, missing, shape=shape))
    return [known[pk] for pk in sorted(ids) if pk in known]


def _named(ids: Collection[int], shape: Shape) -> QuerySet[Any]:
    model, columns, live = shape
    rows: QuerySet[Any] = model._default_manager.filter(IdIn(F("pk"), ids)).order_by("pk").values_list("pk", *columns)
    return rows.filter(deleted_at=None) if live else rows


def _named_of(
    ids: Collection[int],
    people: Collection[int],
    opened: Collection[int],
    shape: Shape,
) -> QuerySet[Any]:
    return _named(ids, shape).filter(Q(IdIn(F("owner_id"), people).put_aside()) | Q(IdIn(F("pk"), opened)))


def _named_among_many(
    ids: Collection[int],
    people: Collection[int],
    object_key: str,
    now: datetime,
    shape: tuple[Shape, tuple[granted.Principals, Level]],
) -> QuerySet[Any]:
    columns, whom = shape
    opened = _one(granted.grants_to(object_key, now, whom), "record", OuterRef("pk"))
    return _named(ids, columns).filter(Q(IdIn(F("owner_id"), people).put_aside()) | opened)


def condition(actor: Actor, kind: ObjectType, level: Level = "read", depth: int = DEPTH, *, narrow: bool = False) -> Q:
    """Which records of an object the actor may read or write: action ∧ (default ∨ scope ∨ grant ∨ inherited).

    What may be written may be read as well. An empty ``Q()`` means every record. ``narrow`` gives the same condition in a
    form that is checked on each of few records, which another condition of the query finds; otherwise it is one that
    indexes can find the records by, for which all that somebody sees of other objects may be gathered first.
    """
    key = (kind.key, level, depth, narrow)
    if key not in actor.conditions:
        actor.conditions[key] = _condition(actor, kind, level, depth, narrow)
    return actor.conditions[key]


def _condition(actor: Actor, kind: ObjectType, level: Level, depth: int, narrow: bool) -> Q:
    if not actor.can("read" if level == "read" else "edit", kind.key):
        return NOTHING
    opened = _opened(actor, kind, level, depth, narrow)
    if level == "write" and _edits_further(actor, kind):
        opened &= condition(actor, kind, "read", depth, narrow=narrow)
    return opened


def surely_writable(actor: Actor, kind: ObjectType) -> Collection[int]:
    """People whose records the actor may write, as far as that is known without a question to the database."""
    if not kind.owned or not actor.can("edit", kind.key) or _edits_further(actor, kind):
        return ()
    return actor.reach(kind.key, edit=True) or ()


def _edits_further(actor: Actor, kind: ObjectType) -> bool:
    """Whether the actor's roles reach further for editing than for reading."""
    if _all_open(actor, kind, "read"):
        return False
    read, edit = (actor.reach(kind.key, edit=edit) for edit in (False, True))
    return read is not None and (edit is None or not edit <= read)


def _opened(actor: Actor, kind: ObjectType, level: Level, depth: int, narrow: bool) -> Q:
    """What standing rules, scopes, grants and inheritance open at one level."""
    if _all_open(actor, kind, level):
        return Q()
    people = actor.reach(kind.key, edit=level == "write")
    if actor.past is not None and level == "read":
        # Who may see a record today sees it as it was, whoever owned it then; the others are not among the past ones.
        known = Q(pk__in=Past.objects.filter(object=kind.key).values("record"))
        return known | _reached(actor, kind, level, depth, people, narrow)
    return _reached(actor, kind, level, depth, people, narrow)


def _reached(
    actor: Actor, kind: ObjectType, level: Level, depth: int, people: Collection[int] | None, narrow: bool
) -> Q:
    allowed = NOTHING
    if kind.owned and people:
        own = IdIn(F("owner_id"), people)
        allowed = Q(own.put_aside() if narrow else own)
    if kind.key in actor.access.granted:
        allowed |= _granted(actor, kind, level)
    if depth and (level == "read" or kind.declaration.kind == "relation"):
        for key in kind.declaration.inherits:
            allowed |= _inherited(actor, kind.fields[key], level, depth - 1, narrow)
    return allowed


def sees_all(actor: Actor, kind: ObjectType, level: Level) -> bool:
    """Whether no record of the object is closed to the actor (given the right to the object)."""
    return _all_open(actor, kind, level) and (level == "read" or _all_open(actor, kind, "read"))


def _all_open(actor: Actor, kind: ObjectType, level: Level) -> bool:
    default = actor.access.defaults.get(kind.key, kind.declaration.default_access)
    if default == "write" or (default == "read" and level == "read") or kind.declaration.kind in ("setup", "directory"):
        return True
    return actor.reach(kind.key, edit=level == "write") is None


def _granted(actor: Actor, kind: ObjectType, level: Level) -> Q:
    """The records opened one by one or by rules.

    Few of them go into the query as numbers, which every planner can combine with the index on the owner. Many are asked
    for row by row, while the list walks along its order and soon has a page full.
    """
    ids = granted.ids(actor, kind, level)
    if ids is not None:
        return Q(IdIn(F("pk"), ids))
    return _one(granted.grants(actor, kind, level), "record", OuterRef("pk"))


def parts(actor: Actor, kind: ObjectType) -> tuple[Q, ...] | None:
    """The records the actor may read as conditions that do not overlap, each of which an index can count.

    ``None`` where they cannot be split: where all are open, or some are by what they belong to.
    """
    if actor.past is not None:
        return None
    if not kind.owned or kind.declaration.inherits or sees_all(actor, kind, "read") or not actor.can("read", kind.key):
        return None
    own = Q(IdIn(F("owner_id"), actor.reach(kind.key, edit=False) or ()))
    if kind.key not in actor.access.granted:
        return (own,)
    opened = granted.ids(actor, kind, "read")
    one_by_one = Q(pk__in=granted.grants(actor, kind, "read").values("record"))
    return own, (one_by_one if opened is None else Q(IdIn(F("pk"), opened))) & (~own | Q(owner=None))


def _inherited(actor: Actor, field: FieldDefinition, level: Level, depth: int, narrow: bool) -> Q:
    """The records whose ``field`` points to a live record that the actor may see (or write)."""

    def open_to(target: ObjectType) -> QuerySet[Any]:
        opened = condition(actor, target, level, depth, narrow=narrow)
        return target.model._default_manager.filter(opened, deleted_at=None)

    if field.kind.family == "lookup":
        rows = open_to(snapshot().get(field.spec.target))
        if narrow:
            return _one(rows, "pk", OuterRef(field.attribute))
        return Q(**{f"{field.attribute}__in": rows.values("pk")})
    allowed = Q()
    for target in snapshot():
        if not target.declaration.timeline or not actor.can("read", target.key):
            continue
        rows = open_to(target)
        if narrow:
            allowed |= _one(rows, "pk", ReferenceId(OuterRef(field.attribute), target.key))
            continue
        names = Concat(Value(f"{target.key}:"), Cast("pk", CharField()), output_field=CharField())
        allowed |= Q(**{f"{field.attribute}__in": rows.annotate(_name=names).values("_name")})
    return allowed if allowed else NOTHING


def _one(rows: QuerySet[Any], column: str, pk: Any) -> Q:
    """Whether a column of one of the rows holds an id of the outer query; looked up for each record by itself.

    A scalar subquery, not EXISTS: PostgreSQL would gather all the rows first and look the few of a page up in that.
    """
    return Q(IsNull(Subquery(rows.filter(**{column: pk}).order_by().values("pk")[:1]), False))
