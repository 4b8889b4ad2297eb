"""Jobs: started in the transaction of the caller, done with the rights of the person, cancelled and failed in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django_tasks_db.models import DBTaskResult

from guanxi.access.models import Department, User
from guanxi.engine import jobs, notifications
from guanxi.engine.job import Job
from guanxi.engine.jobs import pulse, recovery, running, shown, sweeping
from guanxi.engine.jobs.context import stopping
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, GuanxiError, NotFound, Refused
from tests.engine.jobs import counting
from tests.engine.jobs.counting import BATCH, TITLE
from tests.support import people

pytestmark = pytest.mark.django_db
counting.register()


def started(kind: str = "count", user: User | None = None, **arguments: Any) -> Job:
    """A job just started, by a person or the program."""
    actor = people.actor(user) if user is not None else people.program()
    return jobs.start(actor, kind, arguments, TITLE)


def ran(job: Job) -> Job:
    """The job after one attempt."""
    running.run(job.pk)
    job.refresh_from_db()
    return job


def test_a_job_is_queued_with_the_transaction_and_is_gone_with_it() -> None:
    with pytest.raises(ZeroDivisionError), db.atomic():
        started(batches=1)
        raise ZeroDivisionError
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()
    job = started(batches=1)
    queued = DBTaskResult.objects.get()
    assert queued.queue_name == "jobs"
    assert queued.args_kwargs["args"] == [job.pk, "default"]


def test_a_job_ends_with_its_result_and_tells_the_person() -> None:
    ann = people.person("ann", "salesperson")
    job = ran(started(user=ann, batches=3))
    assert (job.status, job.done, job.total, job.attempt) == ("done", 3 * BATCH, 3 * BATCH, 1)
    assert job.result == {"en": "Counted.", "zh": "已计数。", "counts": {"rows": 30}, "address": "/o/department"}
    assert Department.objects.count() == 3 * BATCH
    notice = notifications.latest(people.actor(ann))[0]
    assert (notice.text, notice.object, notice.record) == ("Finished: Counting", "job", job.pk)
    running.run(job.pk)
    assert Department.objects.count() == 3 * BATCH, "a finished job is never done again"


def test_a_job_works_with_the_rights_and_the_language_of_the_person() -> None:
    ann = people.person("ann", "salesperson")
    User.objects.filter(pk=ann.pk).update(preferences={"language": "zh-hans", "time_zone": "Europe/Berlin"})
    job = ran(started("telling", ann))
    assert job.result["en"] == "Person ann zh-hans Europe/Berlin True True"
    from dataclasses import replace

    key = replace(people.actor(ann), allowed=frozenset({"read"}))
    job = ran(jobs.start(key, "telling", {}, TITLE))
    assert job.result["en"] == "Person ann zh-hans Europe/Berlin False True", "what the key leaves, the job has"


def test_rights_taken_away_meanwhile_are_gone_when_the_job_runs() -> None:
    ann = people.person("ann", "salesperson")
    job = started("telling", ann)
    ann.roles.clear()
    from guanxi.schema import registry

    registry.bump("access")
    assert ran(job).result["en"].endswith("False False")


def test_the_job_of_somebody_deactivated_is_refused_in_words() -> None:
    ann = people.person("ann", "salesperson")
    job = started(user=ann, batches=2)
    User.objects.filter(pk=ann.pk).update(is_active=False)
    job = ran(job)
    assert (job.status, job.error) == (
        "failed",
        "The person who started this has been deactivated; nothing more is done in their name.",
    )
    assert not Department.objects.exists()


def test_whoever_looks_as_somebody_else_starts_nothing() -> None:
    from dataclasses import replace

    ann = people.person("ann", "salesperson")
    with pytest.raises(Refused):
        jobs.start(replace(people.actor(ann), observer=1), "count", {"batches": 1}, TITLE)
    with pytest.raises(GuanxiError):
        jobs.start(people.actor(ann), "unheard of", {}, TITLE)


def test_refusals_and_accidents_end_in_words() -> None:
    ann = people.person("ann", "salesperson")
    assert ran(started("refusing", ann)).error == "Nothing of this is right."
    job = ran(started("breaking", ann))
    assert job.status == "failed"
    assert f"“job {job.pk}”" in job.error
    assert notifications.latest(people.actor(ann))[0].text == "Failed: Counting"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_between_batches() -> None:
    ann, bob = people.person("ann", "salesperson"), people.person("bob", "salesperson")
    waiting = started(user=ann, batches=5)
    with pytest.raises(NotFound):
        jobs.cancel(people.actor(bob), waiting.pk)
    assert jobs.cancel(people.actor(ann), waiting.pk).status == "cancelled"
    assert ran(waiting).status == "cancelled"
    assert not Department.objects.exists()
    with pytest.raises(Conflict):
        jobs.cancel(people.actor(ann), waiting.pk)

    job = started(user=ann, batches=5)
    Job.objects.filter(pk=job.pk).update(attempt=1, state={"next": 2}, done=2 * BATCH)
    assert jobs.cancel(people.actor(ann), job.pk).status == "queued"
    job = ran(job)
    assert (job.status, job.result["en"]) == ("cancelled", "Cancelled. 20 were done; that stays.")


def test_a_job_that_undoes_says_that_nothing_was_changed() -> None:
    job = started("undoing")
    Job.objects.filter(pk=job.pk).update(attempt=1, cancel_requested=True)
    assert ran(job).result["en"] == "Cancelled. Nothing was changed."


def test_a_worker_that_has_to_end_gives_the_job_back_and_another_goes_on() -> None:
    job = started(batches=3)
    stopping.set()
    try:
        job = ran(job)
    finally:
        stopping.clear()
    assert (job.status, job.attempt, job.lease) == ("queued", 0, "")
    assert (recovery.take_up(), recovery.take_up()) == (1, 0)
    assert DBTaskResult.objects.count() == 2
    assert ran(job).status == "done"


def test_an_abandoned_job_is_taken_up_once_from_its_checkpoint() -> None:
    job = started(batches=4)
    long_ago = clock.now() - 2 * pulse.LEASE
    Job.objects.filter(pk=job.pk).update(
        status="running", lease="dead", attempt=1, state={"next": 3}, heartbeat_at=long_ago, enqueued_at=long_ago
    )
    assert (recovery.take_up(), recovery.take_up()) == (1, 0)
    job = ran(job)
    assert (job.status, job.attempt) == ("done", 2)
    assert Department.objects.count() == BATCH, "only the last batch was left"


def test_a_living_job_is_nobody_elses() -> None:
    job = started(batches=1)
    Job.objects.filter(pk=job.pk).update(status="running", lease="alive", attempt=1, heartbeat_at=clock.now())
    assert recovery.take_up() == 0
    assert ran(job).lease == "alive"


def test_the_batch_of_a_worker_that_lost_its_lease_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    job = started(batches=3)
    real = jobs.Context.checkpoint

    def stolen(context: jobs.Context, *args: Any, **more: Any) -> None:
        if context.state.get("next") == 1:
            Job.objects.filter(pk=job.pk).update(lease="thief")
        real(context, *args, **more)

    monkeypatch.setattr(jobs.Context, "checkpoint", stolen)
    job = ran(job)
    # The thief's own mark was rolled back with the batch; what matters is that the second batch left nothing.
    assert Department.objects.count() == BATCH
    assert job.state == {"next": 1}


def test_after_too_many_interruptions_it_fails_in_words() -> None:
    job = started(batches=1)
    Job.objects.filter(pk=job.pk).update(status="queued", attempt=5)
    job = ran(job)
    assert (job.status, job.error) == ("failed", "The work was interrupted 5 times. Start it again.")


def test_a_job_that_the_queue_lost_is_handed_over_again() -> None:
    job = started(batches=1)
    Job.objects.filter(pk=job.pk).update(enqueued_at=clock.now() - timedelta(minutes=5))
    assert recovery.take_up() == 0, "the queue still has it"
    DBTaskResult.objects.all().delete()
    assert recovery.take_up() == 1
    assert DBTaskResult.objects.count() == 1


def test_people_see_their_own_jobs_and_administrators_all() -> None:
    ann, boss = people.person("ann", "salesperson"), people.person("boss", administrator=True)
    mine, programs = started(user=ann, batches=1), started(batches=1)
    assert [job.pk for job in shown.of(people.actor(ann), everybody=True)] == [mine.pk]
    assert [job.pk for job in shown.of(people.actor(boss), everybody=True)] == [programs.pk, mine.pk]
    assert not shown.of(people.actor(boss)).exists()
    assert shown.unfinished(people.actor(ann)) == (mine.pk,)
    with pytest.raises(NotFound):
        shown.find(people.actor(ann), programs.pk)


def test_jobs_of_long_ago_are_forgotten() -> None:
    old, young = ran(started(batches=1)), ran(started(batches=1))
    Job.objects.filter(pk=old.pk).update(finished_at=clock.now() - timedelta(days=91))
    assert sweeping.sweep() == 1
    assert [job.pk for job in Job.objects.all()] == [young.pk]
