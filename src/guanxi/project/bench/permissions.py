"""What permissions cost: the pages of a middle manager beside those of an administrator, on the same large company.

``python -m guanxi.project.bench.permissions ROWS RUNS`` prints JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guanxi.access.models import User

PAGES = {
    "list, newest first": "/o/opportunity",
    "list, by amount": "/o/opportunity?sort=-amount",
    "list, open": "/o/opportunity?q=status:open",
    "API list": "/api/v1/opportunity?fields=name,account,stage,amount,close_on,owner",
}


def measure(rows: int, runs: int) -> list[dict[str, Any]]:
    """Medians of both people for every page, request by request in turns, so that a noisy moment meets both."""
    from guanxi.access import compiled
    from guanxi.kernel import db
    from guanxi.project.bench.company import build
    from guanxi.project.bench.measure import Counter, timed
    from guanxi.schema import registry

    company = build(rows, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    if db.is_postgresql():
        with db.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    compiled.ensure(registry.versions().get("access", 0))
    results = []
    people = {"administrator": company.administrator, "manager": company.manager}
    for name, address in PAGES.items():
        ask = {who: _asker(person, address) for who, person in people.items()}
        line: dict[str, Any] = {"name": name}
        for who in people:
            counter = Counter()
            with db.connection().execute_wrapper(counter):
                assert ask[who]().status_code == 200
            line[f"{who}_queries"] = counter.number
        times: dict[str, list[float]] = {who: [] for who in people}
        for _ in range(runs):
            for who in people:
                times[who] += timed(ask[who], 1, warm=0)
        line |= {who: statistics.median(found) for who, found in times.items()}
        line["ratio"] = line["manager"] / line["administrator"]
        results.append(line)
    return results


def _asker(person: User, address: str) -> Callable[[], Any]:
    """What asks for an address as a person: pages by session, the API by key."""
    from django.test import Client

    from guanxi.access.actor import actor_for
    from guanxi.engine import keys

    if address.startswith("/api/"):
        _key, secret = keys.issue(actor_for(person), "bench")
        client = Client(headers={"Authorization": f"Bearer {secret}", "Host": "localhost"})
    else:
        client = Client(headers={"Host": "localhost"})
        client.force_login(person)
    return partial(client.get, address)


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
