"""An import whose worker is killed goes on or is undone, by choice; no row comes twice. Real processes, SIGKILL."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from guanxi.domains.customers.models import Account, Contact
from guanxi.engine import jobs, undo
from guanxi.engine.importing import access, running
from guanxi.engine.importing.tables import Import, ImportRejection
from guanxi.engine.job import Job
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel.errors import Conflict
from tests.engine.importing.bringing import checked, mapped, received
from tests.engine.jobs.test_crash import environment, start_worker, wait_for, wait_for_attempt, workers
from tests.support import people

pytestmark = pytest.mark.django_db(transaction=True)
SHORT = 5_000
LONG = 200_000


def begun(rows: int) -> Import:
    """An import of so many contacts, keyed by mail, that waits for a worker; every thousandth row is wrong."""
    actor = people.program()
    lines = (
        f"Contact {number},contact{number}@example.com,Company {number % 11},{'bad' if number % 1000 == 999 else ''}"
        for number in range(rows)
    )
    found = received(actor, "contact", "name,email,account,role\n" + "\n".join(lines) + "\n")
    found = mapped(actor, found, {"account": {"create": True}}, mode="upsert", key="email")
    finding = checked(actor, found)
    assert (finding["created"], finding["rejected"]) == (rows - rows // 1000, rows // 1000)
    assert not Contact.objects.exists()
    return running.start(actor, found.pk)


def every_row_is_there_once(found: Import, rows: int) -> None:
    good = rows - rows // 1000
    mails = Counter(Contact.objects.values_list("email", flat=True))
    assert (len(mails), set(mails.values())) == (good, {1})
    assert Account.objects.count() == 11
    assert Entry.objects.filter(object="contact", verb="created").count() == good
    assert ChangeSet.objects.filter(cause="import").count() == 1
    assert ImportRejection.objects.filter(of=found).count() == rows // 1000
    found.refresh_from_db()
    assert [found.state[key] for key in running.COUNTS] == [good, 0, 0, rows // 1000]
    assert access.stage_of(found) == "done"


def killed_on_the_way(found: Import, env: dict[str, str], running_workers: list[Any], kills: int, rows: int) -> None:
    for number in range(1, kills + 1):
        wait_for(found.job_id or 0, number * rows // (kills + 2), 120)
        for worker in running_workers:
            worker.kill()
            worker.wait()
        job = Job.objects.get(pk=found.job_id or 0)
        assert job.status == "running" and job.done < rows
        running_workers[:] = [start_worker(env)]
        wait_for_attempt(job.pk, number + 1)


def goes_on(tmp_path: Path, rows: int, kills: int, seconds: float) -> None:
    env = environment(tmp_path, "")
    found = begun(rows)
    with workers(env, 1) as alive:
        killed_on_the_way(found, env, alive, kills, rows)
        job = wait_for(found.job_id or 0, 10**9, seconds)
    assert (job.status, job.error, job.attempt) == ("done", "", kills + 1)
    every_row_is_there_once(found, rows)
    undone = undo.undo(people.program(), Import.objects.get(pk=found.pk).change_set or 0)
    assert undone.refused == []
    assert not Contact.objects.filter(deleted_at=None).exists()


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_a_killed_import_goes_on(tmp_path: Path) -> None:
    goes_on(tmp_path, SHORT, 1, 120)


@pytest.mark.soak
def test_a_killed_import_of_200_000_rows_goes_on(tmp_path: Path) -> None:
    goes_on(tmp_path, LONG, 3, 1_200)


def test_a_killed_import_is_cancelled_and_undone_or_gone_on_with(tmp_path: Path) -> None:
    env = environment(tmp_path, "")
    actor = people.program()
    found = begun(SHORT)
    with workers(env, 1) as alive:
        wait_for(found.job_id or 0, 1_000)
        alive[0].kill()
        alive[0].wait()
        jobs.cancel(people.actor(people.person("boss", administrator=True)), found.job_id or 0)
        alive.append(start_worker(env))
        job = wait_for(found.job_id or 0, 10**9)
    assert job.status == "cancelled"
    found.refresh_from_db()
    found = access.get(actor, found.pk)
    assert access.stage_of(found) == "stopped"
    done = found.state["rows"]
    assert 0 < done < SHORT
    assert Contact.objects.count() == done - done // 1000

    found = running.resume(actor, found.pk)
    with pytest.raises(Conflict):
        running.resume(actor, found.pk)
    with workers(env, 1):
        assert wait_for(found.job_id or 0, 10**9).status == "done"
    every_row_is_there_once(found, SHORT)


def test_a_stopped_import_that_was_undone_leaves_nothing_and_does_not_go_on(tmp_path: Path) -> None:
    env = environment(tmp_path, "")
    actor = people.program()
    found = begun(SHORT)
    with workers(env, 1) as alive:
        wait_for(found.job_id or 0, 1_000)
        alive[0].kill()
        alive[0].wait()
    time.sleep(0.1)
    found.refresh_from_db()
    undone = undo.undo(actor, found.change_set or 0)
    assert undone.refused == []
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert not Account.objects.filter(deleted_at=None).exists()
    with workers(env, 1):
        job = wait_for(found.job_id or 0, 10**9)
    assert job.status == "failed" and job.error
    assert not Contact.objects.filter(deleted_at=None).exists()
    with pytest.raises(Conflict, match="undone"):
        running.resume(actor, found.pk)
