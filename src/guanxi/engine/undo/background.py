"""Undo of what touched many records, as a job: one transaction, with the progress shown while it goes on."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine.job import Job
from guanxi.engine.jobs import Context, Result, job, start
from guanxi.engine.undo.plan import require_sight
from guanxi.engine.undo.run import Undone, undo
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import db
from guanxi.kernel.labels import Label

KIND = "undo"
AT_ONCE = 2000
"""So many records are undone while the person waits; more by a job."""


def is_large(change_set_id: int) -> bool:
    """Whether undoing the change set takes longer than a person should wait."""
    return Entry.objects.filter(change_set=change_set_id).order_by()[: AT_ONCE + 1].count() > AT_ONCE


def start_undo(actor: Actor, change_set_id: int) -> Job:
    """Queue the undo of a change set; the job tells what it did and what it left.

    Raises :class:`NotFound` for a change set of which the actor may see nothing.
    """
    require_sight(actor, change_set_id)
    again = ChangeSet.objects.filter(pk=change_set_id, cause="undo").exists()
    title = Label(f"Redo of change {change_set_id}", f"重做更改 {change_set_id}")
    return start(
        actor,
        KIND,
        {"change_set": change_set_id},
        title if again else Label(f"Undo of change {change_set_id}", f"撤销更改 {change_set_id}"),
    )


@job(KIND)
def undo_in_background(context: Context, change_set: int) -> Result:
    """Take the change set back. A worker that dies on the way leaves nothing half done: another one begins anew."""
    with db.atomic():
        done = undo(context.actor, change_set, progress=context.progress)
        # In the same transaction: if the job is another worker's by now, this undo is rolled back.
        context.checkpoint({"undone": done.change_set}, done=done.records)
    text = Label(
        f"{_verb(done)} {done.records:,} records.", f"{'已重做' if done.again else '已撤销'} {done.records:,} 条记录。"
    )
    if done.refused:
        left = len(done.refused)
        text = Label(f"{text.en} {left:,} were left: {done.refused[0].reason}", f"{text.zh}{left:,} 条保持不变。")
    return Result(text, {"records": done.records, "refused": len(done.refused)}, "/activity")


def _verb(done: Undone) -> str:
    return "Done again for" if done.again else "Undone for"
