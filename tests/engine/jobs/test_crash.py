"""A worker killed in the middle of a job loses nothing and repeats nothing: real processes, SIGKILL, both queues."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guanxi.access.models import Department
from guanxi.engine.job import Job
from guanxi.journal.models import Entry
from tests.conftest import ROOT
from tests.engine.jobs.counting import BATCH
from tests.journal.test_atomic import database_url

BATCHES = 120
KILLS = 4
REDIS = os.environ.get("GUANXI_TEST_REDIS", "redis://127.0.0.1:6379/5")


def environment(tmp_path: Path, redis: str) -> dict[str, str]:
    (tmp_path / "guanxi.toml").touch()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GUANXI_") and key != "REDIS_URL"}
    return (
        kept
        | {
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
            "GUANXI_DATA_DIR": str(tmp_path),
            "GUANXI_CONFIG": str(tmp_path / "guanxi.toml"),
        }
        | ({"REDIS_URL": redis} if redis else {})
    )


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.engine.jobs.counting", *words]


def start_job(env: dict[str, str], batches: int) -> int:
    made = subprocess.run(command("start", str(batches)), env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    return int(made.stdout)


@contextmanager
def workers(env: dict[str, str], number: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Running workers; whatever is still alive at the end is killed."""
    found: list[subprocess.Popen[str]] = []
    try:
        found.extend(start_worker(env) for _ in range(number))
        yield found
    finally:
        for worker in found:
            worker.kill()
            worker.wait()


def start_worker(env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command("work"), env=env, cwd=ROOT, text=True)


def wait_for(job_id: int, done: int, seconds: float = 60) -> Job:
    """The job once it has done so many rows, or is finished."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = Job.objects.get(pk=job_id)
        if job.done >= done or job.finished_at is not None:
            return job
        time.sleep(0.05)
    pytest.fail(f"the job stands still: {Job.objects.filter(pk=job_id).values().get()}")


def every_row_is_there_once(batches: int) -> None:
    names = Counter(Department.objects.values_list("name", flat=True))
    assert set(names.values()) == {1}
    assert len(names) == batches * BATCH
    assert Entry.objects.filter(object="department", verb="created").count() == batches * BATCH


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", ["database", "redis"])
def test_a_killed_worker_loses_nothing_and_repeats_nothing(tmp_path: Path, queue: str) -> None:
    redis = _redis() if queue == "redis" else ""
    env = environment(tmp_path, redis)
    job_id = start_job(env, BATCHES)
    with workers(env, 2) as running:
        for number in range(1, KILLS + 1):
            # While one of the two works, in the middle of a batch or between two; both may want to take it up.
            job = wait_for(job_id, number * BATCHES * BATCH // (KILLS + 2))
            assert job.finished_at is None
            for worker in running:
                worker.kill()
                worker.wait()
            running[:] = [start_worker(env), start_worker(env)]
            wait_for_attempt(job_id, number + 1)
        job = wait_for(job_id, 10**9, 120)
    assert (job.status, job.error) == ("done", ""), job.attempt
    assert job.attempt == KILLS + 1
    every_row_is_there_once(BATCHES)


def wait_for_attempt(job_id: int, attempt: int) -> None:
    """Until another worker has it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if Job.objects.filter(pk=job_id, attempt=attempt, status="running").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"nobody took it up: {Job.objects.filter(pk=job_id).values().get()}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("queue", ["database", "redis"])
def test_a_worker_told_to_stop_hands_its_job_on(tmp_path: Path, queue: str) -> None:
    env = environment(tmp_path, _redis() if queue == "redis" else "")
    job_id = start_job(env, 60)
    with workers(env, 1) as running:
        wait_for(job_id, 10 * BATCH)
        running[0].terminate()
        assert running[0].wait(timeout=10) == 0
        job = Job.objects.get(pk=job_id)
        assert (job.status, job.attempt) == ("queued", 0)
        running.append(start_worker(env))
        job = wait_for(job_id, 10**9)
    assert (job.status, job.attempt) == ("done", 1)
    every_row_is_there_once(60)


def _redis() -> str:
    """The address of a Redis whose database is emptied for the test; skips where none answers."""
    import redis

    client = redis.Redis.from_url(REDIS)
    try:
        client.ping()
    except (OSError, redis.exceptions.ConnectionError):
        if os.environ.get("GUANXI_REQUIRE_SERVICES") == "1":
            pytest.fail(f"no Redis at {REDIS}")
        pytest.skip(f"no Redis at {REDIS}")
    client.flushdb()
    return REDIS
