"""The job that empties the recycle bin of what has been in it long enough, in small transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max, Min, QuerySet

from guanxi.engine import write
from guanxi.engine.jobs import Context, Result, job
from guanxi.engine.retention import policy
from guanxi.engine.retention.removal import KEPT_FOR_EVER, Removed, remove
from guanxi.kernel import clock, db
from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot

KIND = "empty_bin"
SPAN = 5000
"""Ids looked at by one statement, which walks along the primary key however large the table is."""
BATCH = 200
"""Records removed in one transaction."""


@job(KIND)
def empty_bin(context: Context) -> Result:
    """Remove records for good that were deleted more than the chosen number of days ago; object by object."""
    days = policy.current().recycle_bin_days
    state = context.state or {"removed": 0, "kept": 0, "object": "", "after": 0}
    found = Removed(state["removed"], state["kept"])
    if days:
        before = clock.now() - timedelta(days=days)
        keys = [kind.key for kind in in_order()]
        begin = keys.index(state["object"]) if state["object"] in keys else 0
        for key in keys[begin:]:
            after = state["after"] if key == state["object"] else 0
            found = _empty(context, snapshot().get(key), before, after, found)
    text = Label(
        f"{found.removed:,} records removed for good; {found.kept:,} kept because others point to them.",
        f"已彻底删除 {found.removed:,} 条记录；{found.kept:,} 条仍被其他记录引用，予以保留。",
    )
    return Result(text, {"removed": found.removed, "kept": found.kept})


def in_order() -> list[ObjectType]:
    """The objects whose bin is emptied; those that point to others come before them."""
    kinds = {kind.key: kind for kind in snapshot() if kind.declaration.kind not in KEPT_FOR_EVER}
    ordered: list[ObjectType] = []
    seen: set[str] = set()

    def visit(kind: ObjectType) -> None:
        if kind.key in seen:
            return
        seen.add(kind.key)
        for field in kind.fields.values():
            if field.kind.family == "lookup" and field.spec.target in kinds:
                visit(kinds[field.spec.target])
        ordered.append(kind)

    for kind in kinds.values():
        visit(kind)
    return list(reversed(ordered))


def due(kind: ObjectType, before: datetime, after: int) -> QuerySet[Record]:
    """The records among the next ids of an object that were deleted before the moment."""
    rows = kind.model._default_manager.filter(pk__gt=after, pk__lte=after + SPAN, deleted_at__lte=before)
    return rows.order_by("pk")


def _empty(context: Context, kind: ObjectType, before: datetime, after: int, found: Removed) -> Removed:
    manager = kind.model._default_manager
    last = manager.aggregate(last=Max("pk"))["last"] or 0
    looked = 0
    while after < last:
        context.check_cancelled()
        ids = list(due(kind, before, after).values_list("pk", flat=True)[:BATCH])
        if len(ids) == BATCH:
            onward = ids[-1]
        else:
            # On to the next id that there is, over any gap.
            next_id = manager.filter(pk__gt=after + SPAN).aggregate(next=Min("pk"))["next"]
            onward = next_id - 1 if next_id is not None else last
        looked += 1
        if ids:
            with write.change(context.actor.as_program(), "retention") as door:
                found += remove(door, kind, ids)
                _mark(context, kind, onward, found)
        elif looked % 20 == 0:
            with db.atomic():
                _mark(context, kind, onward, found)
        after = onward
    return found


def _mark(context: Context, kind: ObjectType, after: int, found: Removed) -> None:
    state = {"object": kind.key, "after": after, "removed": found.removed, "kept": found.kept}
    context.checkpoint(state, done=found.removed)
