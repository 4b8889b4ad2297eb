"""Periodic work: once per period over any number of workers, and once for all periods that were missed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from guanxi.engine.job import PeriodicRun
from guanxi.engine.jobs import periodic
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError
from guanxi.project import periodic_work
from tests.support import people

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only what the test declares."""
    monkeypatch.setattr(periodic, "_work", {})
    monkeypatch.setattr(periodic, "_not_before", {})
    yield


@pytest.mark.django_db
def test_once_per_period_and_missed_periods_once() -> None:
    done: list[datetime] = []
    periodic.every("test", 60, lambda: done.append(clock.now()))
    for seconds in (0, 5, 59, 60, 61, 119, 600, 605):
        with clock.frozen(START + timedelta(seconds=seconds)):
            periodic.tick()
    assert [int((moment - START).total_seconds()) for moment in done] == [0, 60, 600]


@pytest.mark.django_db
def test_days_begin_at_the_hour_of_the_company() -> None:
    done: list[datetime] = []
    periodic.every("nightly", periodic.DAY, lambda: done.append(clock.now()), hour=3)
    # 3 o'clock in Shanghai is 19 o'clock of the day before in UTC.
    for hours in (0, 6, 7, 8, 20, 31, 32):
        with clock.frozen(START + timedelta(hours=hours)):
            periodic.tick()
    assert [int((moment - START).total_seconds() // 3600) for moment in done] == [0, 7, 31]


@pytest.mark.django_db
def test_what_fails_leaves_no_mark_and_is_tried_again_after_a_pause(caplog: pytest.LogCaptureFixture) -> None:
    tried: list[int] = []

    def fail() -> None:
        people.department(f"Made {len(tried)}")
        tried.append(1)
        raise ZeroDivisionError

    periodic.every("failing", 60, fail)
    with clock.frozen(START):
        assert (periodic.tick(), periodic.tick()) == ([], [])
    assert len(tried) == 1
    assert PeriodicRun.objects.get(pk="failing").period == -1
    from guanxi.access.models import Department

    assert not Department.objects.exists()
    assert "failing failed" in caplog.text


@pytest.mark.django_db
def test_a_name_that_does_not_fit_is_refused() -> None:
    with pytest.raises(GuanxiError):
        periodic.every("x" * 61, 60, lambda: None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_it_once() -> None:
    counted: list[int] = []
    periodic.every("racing", 60, lambda: counted.append(threading.get_ident()))
    wrong: list[BaseException] = []

    def work(moment: datetime, gate: threading.Barrier) -> None:
        try:
            with clock.frozen(moment):
                gate.wait(timeout=20)
                periodic.tick()
        except BaseException as error:
            wrong.append(error)
        finally:
            db.close_all()

    rounds, workers = 12, 4
    for number in range(rounds):
        gate = threading.Barrier(workers)
        moment = START + timedelta(minutes=number)
        threads = [threading.Thread(target=work, args=(moment, gate)) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(counted) == rounds, connection.vendor


@pytest.mark.django_db
def test_everything_that_is_periodic_runs() -> None:
    periodic_work.register()
    wanted = {"reminders", "sessions", "queue", "sign-in attempts", "deliveries", "jobs", "retention"}
    assert wanted <= set(periodic.tick())
    assert periodic.tick() == []
