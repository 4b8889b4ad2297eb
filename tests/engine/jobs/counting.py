"""A kind of job for tests: makes departments in batches, one batch per transaction. Also a worker of its own process.

``python -m tests.engine.jobs.counting work`` is the real worker with short times; ``start N`` starts a job of N batches.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta

from guanxi.kernel.labels import Label

BATCH = 10
TITLE = Label("Counting", "计数")


def register() -> None:
    """Make the kinds known."""
    from guanxi.engine import jobs, write
    from guanxi.kernel.errors import Invalid

    @jobs.job("count")
    def count(context: jobs.Context, batches: int, pause: float = 0.0) -> jobs.Result:
        for number in range(context.state.get("next", 0), batches):
            context.check_cancelled()
            with write.change(context.actor.as_program(), "job") as door:
                rows = [{"name": f"Batch {number:04d} row {row}"} for row in range(BATCH)]
                door.create_many("department", rows)
                time.sleep(pause)
                context.checkpoint({"next": number + 1}, done=(number + 1) * BATCH, total=batches * BATCH)
        return jobs.Result(Label("Counted.", "已计数。"), {"rows": batches * BATCH}, "/o/department")

    @jobs.job("undoing", undoes=True)
    def undoing(context: jobs.Context) -> None:
        context.progress(7, 10)
        context.check_cancelled()

    @jobs.job("refusing")
    def refusing(context: jobs.Context) -> None:
        raise Invalid("Nothing of this is right.")

    @jobs.job("breaking")
    def breaking(context: jobs.Context) -> None:
        raise ZeroDivisionError

    @jobs.job("telling")
    def telling(context: jobs.Context) -> jobs.Result:
        actor = context.actor
        said = (
            f"{actor.name} {actor.language} {actor.zone} {actor.can('edit', 'account')} {actor.can('read', 'account')}"
        )
        return jobs.Result(Label(said, said))


def main() -> None:
    """Run one of the commands."""
    import django

    django.setup()
    register()
    from guanxi.engine import jobs
    from guanxi.engine.jobs import pulse, running
    from guanxi.project import worker
    from tests.support import people

    if sys.argv[1] == "start":
        arguments = {"batches": int(sys.argv[2]), "pause": 0.02}
        print(jobs.start(people.program(), "count", arguments, TITLE).pk, flush=True)
        return
    pulse.LEASE, pulse.BEAT_SECONDS, pulse.PROGRESS_SECONDS = timedelta(seconds=2), 0.5, 0.25
    running.LOST_AFTER = timedelta(seconds=3)
    worker.TICK_SECONDS = 0.3
    print("working", flush=True)
    sys.exit(worker.run())


if __name__ == "__main__":
    main()
