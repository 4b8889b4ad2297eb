"""A worker killed in the middle of a mass change: another one goes on, nothing twice, and undo takes it all back as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.domains.customers.models import Account
from guanxi.engine import undo, write
from guanxi.engine.bulk import run
from guanxi.engine.bulk.order import Order
from guanxi.engine.bulk.tables import BulkRun, BulkSlice
from guanxi.journal.models import ChangeSet, Entry
from tests.engine.jobs.test_crash import environment, start_worker, wait_for, wait_for_attempt, workers
from tests.support import people

ROWS = 2400
KILLS = 2


def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, kills: int, batch: int) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 10)
    monkeypatch.setattr(run, "BATCH", batch)
    actor = people.actor(people.person("root", administrator=True))
    with write.change(people.program(), "test") as door:
        made = door.create_many("account", [{"name": f"Account {index}", "city": "Wuxi"} for index in range(rows)])
    ids = [record.pk for record in made]
    order = Order("account", "update", {"city": "Suzhou"}, tuple(ids))
    begun = run.begin(actor, order, "web")
    assert begun.job is not None
    with workers(environment(tmp_path, ""), 1) as running:
        for number in range(1, kills + 1):
            job = wait_for(begun.job, number * rows // (kills + 2))
            assert job.finished_at is None, "it was over before it could be killed"
            running[0].kill()
            running[0].wait()
            running[0] = start_worker(environment(tmp_path, ""))
            wait_for_attempt(begun.job, number + 1)
        job = wait_for(begun.job, 10**9, 300)
    assert (job.status, job.error, job.attempt) == ("done", "", kills + 1)
    begun.refresh_from_db()
    assert (begun.done, begun.rejected) == (rows, 0)
    assert set(Account.objects.filter(pk__in=ids).values_list("city", "version")) == {("Suzhou", 2)}
    entries = Entry.objects.filter(object="account", verb="updated")
    assert entries.count() == entries.values("record").distinct().count() == rows
    assert set(entries.values_list("change_set", flat=True)) == {begun.change_set}
    assert not BulkSlice.objects.exists()
    assert begun.change_set is not None
    assert undo.undo(actor, begun.change_set).records == rows
    assert set(Account.objects.filter(pk__in=ids).values_list("city", flat=True)) == {"Wuxi"}
    assert ChangeSet.objects.filter(undoes=begun.change_set).count() == 1
    assert BulkRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_mass_change_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(tmp_path, monkeypatch, ROWS, KILLS, 20)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_a_large_mass_change_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(tmp_path, monkeypatch, 50_000, 4, 500)
