"""The running program: start-up, memory of all its processes, many people at once, a real browser.

``python -m guanxi.project.bench.serving ROWS RUNS`` prints JSON. Times are those of a client on the same machine, which
takes its share of the processors.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from guanxi.project.bench import people
from guanxi.project.bench.people import Request

SECONDS = 20.0
START_SECONDS = 120.0
SETTLE_SECONDS = 900.0
PAUSE = 1.0
"""Seconds between two requests of a person in the mix; people read for longer."""
CROWDS = (4, 16, 64)
WORDS = ("vision", "科技", "system 77", "上海")
FIELDS = "name,account,stage,amount,close_on,owner"
Line = dict[str, Any]


def measure(rows: int, runs: int) -> list[Line]:
    """Fill the database, serve it, and measure from outside."""
    from guanxi.project.bench.load import load

    load(rows, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
    callers, records = _callers(max(CROWDS))
    port = free_port()
    lines: list[Line] = []
    with _served(port) as (server, started):
        lines.append(_line("start-up until the first page", started, "s"))
        _settle()
        lines.append(_line("memory idle, all processes", memory_of(server.pid), "MB"))
        lines += _throughput(port, callers[:4])
        for crowd in CROWDS:
            lines += _crowd(port, callers[:crowd], records, server.pid)
        lines += _browser(port, callers[0]["Cookie"].partition(";")[0], runs)
    return lines


def _settle() -> None:
    """Wait until the worker has read the journal of all that was just loaded: until then it indexes on one processor."""
    from guanxi.journal.models import Cursor, Entry

    last = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    deadline = time.monotonic() + SETTLE_SECONDS
    time.sleep(5)
    while time.monotonic() < deadline and Cursor.objects.filter(entry__lt=last).exists():
        time.sleep(1)


def _line(name: str, value: float, unit: str) -> Line:
    return {"name": name, "value": value, "unit": unit}


def _callers(number: int) -> tuple[list[dict[str, str]], list[int]]:
    """The headers of signed-in people, the manager first, and deals that all of them may see."""
    from django.conf import settings
    from django.test import Client

    from guanxi.access import compiled
    from guanxi.access.actor import actor_for
    from guanxi.access.models import User
    from guanxi.access.visibility import visible
    from guanxi.project.bench.fill import MANAGER
    from guanxi.schema import registry

    compiled.ensure(registry.versions().get("access", 0))
    manager = User.objects.get(username=MANAGER)
    callers = []
    # The same person at several desks: what each of them may do is the same then, and every answer must be one.
    for _desk in range(number):
        client = Client(headers={"Host": "localhost"})
        client.force_login(manager)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        token = "b" * 32
        callers.append(
            {
                **{
                    "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={token}",
                    "X-CSRFToken": token,
                    "Host": "localhost",
                },
                **{"Content-Type": "application/json", "Accept-Encoding": "gzip"},
            }
        )
    deals = visible(actor_for(manager), registry.get("opportunity"), "write").order_by("-id")
    return callers, list(deals.values_list("pk", flat=True)[:2000])


@contextmanager
def _served(port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The program as it is started on a server, and the seconds until it answered."""
    environment = os.environ | {"GUANXI_PORT": str(port), "GUANXI_API_RATE": "0", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "guanxi.project.cli", "serve", "--no-check"]
    begun = time.monotonic()
    server = subprocess.Popen(command, env=environment, stdout=sys.stderr, stderr=sys.stderr)
    try:
        while not _answers(port):
            if server.poll() is not None or time.monotonic() - begun > START_SECONDS:
                raise SystemExit("The program did not start; see the lines above.")
            time.sleep(0.02)
        yield server, time.monotonic() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://localhost:{port}/signin", timeout=5):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that is free, as is the one above it, which the live stream takes."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def memory_of(root: int) -> float:
    """What a process and all that come from it hold, in MB; what they share is counted once."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0
    for pid in family:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _throughput(port: int, callers: Sequence[dict[str, str]]) -> list[Line]:
    """Lists as fast as they come, at four clients that do nothing else."""
    lines = []
    for name, path in (("API", f"/api/v1/opportunity?fields={FIELDS}"), ("page", "/o/opportunity")):
        asked: Request = ("GET", path, None)
        people.at_work(port, callers, lambda dice, asked=asked: asked, 3)  # type: ignore[misc]
        found = people.at_work(port, callers, lambda dice, asked=asked: asked, SECONDS)  # type: ignore[misc]
        _require(found)
        lines.append(_line(f"list, {name}, {len(callers)} clients", found.rate, "requests/s"))
    return lines


def _crowd(port: int, callers: Sequence[dict[str, str]], records: Sequence[int], root: int) -> list[Line]:
    """People who read lists (40 %), open records (30 %), search (10 %), change deals (15 %) and read the board (5 %)."""
    lists = ("/o/opportunity", "/o/contact", "/o/opportunity?sort=-amount", "/o/account")
    choose = people.mixed(
        [
            (40, lambda dice: ("GET", dice.choice(lists), None)),
            (30, lambda dice: ("GET", f"/o/opportunity/{dice.choice(records)}", None)),
            (10, lambda dice: ("GET", f"/palette?q={quote(dice.choice(WORDS))}", None)),
            (15, lambda dice: ("PATCH", f"/api/v1/opportunity/{dice.choice(records)}", _change(dice))),
            (5, lambda dice: ("GET", "/o/opportunity?layout=board", None)),
        ]
    )
    found = people.at_work(port, callers, choose, SECONDS, PAUSE)
    _require(found)
    name = f"{len(callers)} people, {found.rate:.0f} requests/s"
    times = sorted(found.times)
    return [
        _line(f"{name}, median", statistics.median(times), "ms"),
        _line(f"{name}, p95", times[int(len(times) * 0.95)], "ms"),
        _line(f"memory at {len(callers)} people", memory_of(root), "MB"),
    ]


def _change(dice: random.Random) -> bytes:
    return json.dumps({"next_step": f"Call again {dice.randrange(10**6)}"}).encode()


def _require(found: people.Answers) -> None:
    """An answer that is none ends the benchmark: its time would say nothing."""
    if found.failed:
        raise SystemExit(f"{len(found.failed)} requests failed, such as {found.failed[0]}")


def _browser(port: int, cookie: str, runs: int) -> list[Line]:
    """The list in Chromium: until its first row is drawn, and what came over the wire; nothing where there is none."""
    from guanxi.project.bench import browsing

    found = browsing.visits(f"http://localhost:{port}", cookie, "/o/opportunity", max(3, runs // 6))
    return [_line(name, value, unit) for name, value, unit in found]


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
