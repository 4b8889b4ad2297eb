"""The rebuild of the index as a job: an administrator starts it, and whichever worker is there goes on with it."""

from __future__ import annotations

from collections.abc import Collection

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.job import Job
from guanxi.engine.jobs import Context, Result
from guanxi.engine.search import rebuild
from guanxi.engine.search.tables import SearchDocument
from guanxi.kernel import db
from guanxi.kernel.labels import Label

KIND = "search_rebuild"


@jobs.job(KIND)
def search_rebuild(context: Context) -> Result:
    """Go on with the rebuild that is ordered. How far it came stands in tables of its own, batch by batch."""
    written = int(context.state.get("written", 0))
    total = SearchDocument.objects.count()
    done = int(context.state.get("done", 0))
    while True:
        context.check_cancelled()
        with db.atomic():
            step = rebuild.step()
            if step is None:
                break
            written, done = written + step.differed, done + step.looked
            context.checkpoint({"written": written, "done": done}, done=done, total=max(total, done))
    text = Label(
        f"The search index was compared with {done:,} records; {written:,} documents were put right.",
        f"搜索索引已与 {done:,} 条记录比对，修正了 {written:,} 条。",
    )
    return Result(text, {"records": done, "written": written}, "/admin/search")


def start(actor: Actor, objects: Collection[str] | None = None) -> Job:
    """Order a rebuild of these objects, or all, and start the job that does it."""
    with db.atomic():
        rebuild.order(objects)
        return jobs.start(actor, KIND, {}, Label("Rebuilding the search index", "重建搜索索引"))
