"""What the journal gives: a mass update of 50,000 rows, its undo and redo, and pages as of an earlier day.

``python -m guanxi.project.bench.journal ROWS RUNS`` prints JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guanxi.access.actor import Actor

MANY = 50_000
EXPORTED = 100_000
TIMES = 3


def measure(rows: int, runs: int) -> list[dict[str, Any]]:
    """Medians in seconds: of the writes, each done three times, and of the pages."""
    from django.test import Client

    from guanxi.access import compiled
    from guanxi.access.actor import Actor
    from guanxi.access.models import User
    from guanxi.domains.sales.opportunity import Opportunity
    from guanxi.engine import write
    from guanxi.engine.undo import undo
    from guanxi.kernel import clock
    from guanxi.project.bench.fill import MANAGER, fill
    from guanxi.project.bench.measure import timed
    from guanxi.schema import registry

    with clock.frozen(clock.now() - timedelta(days=1)):
        fill(rows, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    compiled.ensure(registry.versions().get("access", 0))
    program = Actor.program()
    ids = list(Opportunity.objects.order_by("id").values_list("pk", flat=True)[:MANY])
    results: list[dict[str, Any]] = []

    def update(number: int) -> int:
        with write.change(program, "bench") as door:
            door.update_many("opportunity", ids, {"amount": number * 100, "next_step": f"Step {number}"})
        return door.change_set or 0

    took: dict[str, list[float]] = {"mass update": [], "its undo": [], "its redo": []}
    for number in range(1, TIMES + 1):
        first = _clocked(took["mass update"], partial(update, number))
        second = _clocked(took["its undo"], partial(undo, program, first))
        assert second.records == len(ids), second.refused[:1]
        before = clock.now()
        third = _clocked(took["its redo"], partial(undo, program, second.change_set))
        assert third.records == len(ids)
    for name, seconds in took.items():
        results.append({"name": f"{name}, {len(ids):,} rows", "seconds": statistics.median(seconds)})
    results += _export(program)
    client = Client(headers={"Host": "localhost"})
    client.force_login(User.objects.get(username=MANAGER))
    for when in ("today", f"{len(ids):,} changes ago"):
        if when != "today":
            session = client.session
            session["as_of"] = before.isoformat()
            session.save()
        for page in ("/o/opportunity", "/o/opportunity?layout=board"):
            assert client.get(page).status_code == 200
            found = timed(partial(client.get, page), runs if when == "today" else max(3, runs // 10))
            words = f"{'board' if 'board' in page else 'list'}, {when}"
            results.append({"name": words, "seconds": statistics.median(found) / 1000})
    return results


def _export(actor: Actor) -> list[dict[str, Any]]:
    """A file of 100,000 rows with the columns of the list."""
    from guanxi.engine.export.order import Order, prepare
    from guanxi.engine.export.rows import select
    from guanxi.engine.export.run import make
    from guanxi.schema.registry import snapshot

    columns = tuple(snapshot().get("opportunity").declaration.list_columns)
    first: list[float] = []
    whole: list[float] = []
    for _time in range(TIMES):
        start = time.perf_counter()
        plan = prepare(actor, Order("opportunity", columns=columns))
        ids = select(plan, None)
        assert ids is not None
        export = make(plan, ids[:EXPORTED])
        size = len(next(export.chunks))
        first.append(time.perf_counter() - start)
        size += sum(map(len, export.chunks))
        whole.append(time.perf_counter() - start)
    name = f"export, {export.rows:,} rows, {size / 1e6:.0f} MB"
    return [
        {"name": name, "seconds": statistics.median(whole)},
        {"name": "export, until its first bytes", "seconds": statistics.median(first)},
    ]


def _clocked(times: list[float], action: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = action()
    times.append(time.perf_counter() - start)
    return found


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
