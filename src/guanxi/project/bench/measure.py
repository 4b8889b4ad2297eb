"""Measures the cases on the database of this process; ``python -m guanxi.project.bench.measure ROWS RUNS`` prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any


class Counter:
    """Counts the statements sent to the database."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.number += 1
        return execute(sql, params, many, context)


def timed(action: Callable[[], object], runs: int, warm: int = 2) -> list[float]:
    """Milliseconds of each run, after some that warm up."""
    for _ in range(warm):
        action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return times


def percentile(times: list[float], share: float) -> float:
    """The value below which ``share`` of the times lie."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def measure(rows: int, runs: int) -> list[dict[str, Any]]:
    """Fill the database if it is empty, then measure every case beside its bare SQL, in turns.

    Raises :class:`SystemExit` where it holds fewer opportunities than ``rows``, and is not empty.
    """
    from django.test import Client

    from guanxi.access import compiled
    from guanxi.access.actor import actor_for
    from guanxi.access.models import User
    from guanxi.domains.sales.opportunity import Opportunity
    from guanxi.engine import keys
    from guanxi.kernel import db
    from guanxi.project.bench.fill import MANAGER
    from guanxi.project.bench.load import load
    from guanxi.project.bench.pages import cases
    from guanxi.project.django_start import settle_memory
    from guanxi.schema import registry

    if not Opportunity.objects.exists():
        load(rows, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    if (held := Opportunity.objects.count()) < rows:
        raise SystemExit(f"This database holds {held:,} opportunities, not {rows:,}. Name their number with --rows.")
    compiled.ensure(registry.versions().get("access", 0))
    manager = User.objects.get(username=MANAGER)
    pages = Client(headers={"Host": "localhost"})
    pages.force_login(manager)
    _key, secret = keys.issue(actor_for(manager), "bench")
    api = Client(headers={"Authorization": f"Bearer {secret}", "Host": "localhost"})
    settle_memory()  # as a web process does
    results = []
    for case in cases(manager):
        client = api if case.name.startswith("API") else pages
        counter = Counter()
        wrapper: AbstractContextManager[Any] = db.connection().execute_wrapper(counter)
        with wrapper:
            response = case.request(client)
        if response.status_code not in (200, 201):
            raise SystemExit(f"{case.name}: {response.status_code} {response.content[:500]!r}")
        served = timed(partial(case.request, client), runs)
        bare = timed(case.bare, runs)
        results.append(
            {
                "name": case.name,
                "median": statistics.median(served),
                "p95": percentile(served, 0.95),
                "queries": counter.number,
                "bytes": len(response.content),
                "bare": statistics.median(bare),
                "ratio": statistics.median(served) / statistics.median(bare),
            }
        )
    return results


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
