"""Writing the keys of records that were there before the rules: a job, started by an administrator or after an upgrade."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.dedupe import records
from guanxi.engine.job import Job
from guanxi.engine.jobs import Context, Result
from guanxi.engine.matching import keeping
from guanxi.engine.matching.keys import keys_of_each
from guanxi.kernel import db
from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

KIND = "duplicate_keys"


def kinds() -> list[ObjectType]:
    """The objects that have rules for duplicates."""
    return [kind for kind in snapshot() if kind.declaration.duplicates is not None]


def start(actor: Actor) -> Job:
    """Write the keys of every record anew in the background."""
    return jobs.start(actor, KIND, {}, Label("Preparing the duplicate check", "准备查重数据"))


@jobs.job(KIND)
def write_keys(context: Context) -> Result:
    """Batch by batch; a batch is written again rather than left out, and never doubled."""
    todo = kinds()
    total = sum(kind.model._default_manager.count() for kind in todo)
    done = int(context.state.get("done", 0))
    place: int = int(context.state.get("object", 0))
    after: int = int(context.state.get("after", 0))
    while place < len(todo):
        context.check_cancelled()
        with db.atomic():
            number, last = step(todo[place], after)
            done += number
            place, after = (place, last) if number else (place + 1, 0)
            context.checkpoint({"object": place, "after": after, "done": done}, done=done, total=total)
    return Result(
        Label(f"{done:,} records can be found as duplicates.", f"已有 {done:,} 条记录可用于查重。"), {"records": done}
    )


def step(kind: ObjectType, after: int) -> tuple[int, int]:
    """Write the keys of the next records by id; how many, and the last id. In the caller's transaction."""
    declared = kind.declaration.duplicates
    assert declared is not None
    rows = records.every_from(kind, after)
    if not rows:
        return 0, after
    ids, reads = [pk for pk, _read in rows], [read for _pk, read in rows]
    keeping.write(kind, dict(zip(ids, keys_of_each(declared, reads), strict=True)), ids)
    return len(rows), rows[-1][0]
