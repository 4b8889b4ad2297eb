"""Reports and exports are read from a replica that is near enough, and from the database itself otherwise.

A PostgreSQL of its own and a second one that follows it by streaming replication; the program runs beside, in a process that
knows both addresses.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

PROGRAM = """
import json, sys
from guanxi.project import django_start
django_start.start()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import psycopg
from guanxi.access import compiled
from guanxi.access.actor import Actor
from guanxi.engine import replicas, summaries, write
from guanxi.engine.export.order import Order, prepare
from guanxi.engine.export.rows import select
from guanxi.engine.export.run import make
from guanxi.kernel import db
from guanxi.schema import registry
standby = psycopg.connect(sys.argv[1], autocommit=True)
main = psycopg.connect(sys.argv[2], autocommit=True)
program = Actor.program()

def create(*names):
    with write.change(program, "test") as door:
        door.create_many("account", [{"name": name} for name in names])

def catch_up():
    end = main.execute("SELECT pg_current_wal_lsn()").fetchone()[0]
    while not standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [end]).fetchone()[0]:
        pass

def report():
    registry.ensure(registry.versions().get("schema", 0))
    with replicas.reading() as behind:
        with db.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            there = cursor.fetchone()[0]
        number = summaries.summarise(program, "account", None, [], []).totals.number
    return [there, behind is not None, number]

found = {}
create("One", "Two")
catch_up()
found["near"] = report()
plan = prepare(program, Order("account", format="jsonl", columns=("name",)))
found["export"] = sum(chunk.count(b"\\n") for chunk in make(plan, select(plan)).chunks)
with db.atomic():
    found["inside a transaction"] = report()
standby.execute("SELECT pg_wal_replay_pause()")
create("Three")
registry.bump("access")
found["other rights"] = report()
standby.execute("SELECT pg_wal_replay_resume()")
catch_up()
found["caught up"] = report()
create("Four", "Five")
catch_up()
found["written meanwhile"] = report()
standby.execute("SELECT pg_wal_replay_pause()")
main.execute("CREATE TABLE later (number int)")
import time
replicas.MOST_BEHIND = 0.05
time.sleep(0.5)
found["too far behind"] = report()
subprocess = __import__("subprocess")
subprocess.run(json.loads(sys.argv[3]), check=True, stdout=subprocess.DEVNULL)
found["gone"] = report()
print(json.dumps(found))
"""


def programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    found = [Path(path).resolve().parent for name in ("initdb",) if (path := shutil.which(name))]
    return next((folder for folder in [*found, *folders] if (folder / "pg_basebackup").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Pair:
    """The two servers."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.folder, self.binaries = folder, binaries
        self.ports = {"main": free_port(), "standby": free_port()}
        self.run: list[str] = []
        if os.geteuid() == 0:
            person = pwd.getpwnam("postgres")
            os.chown(folder, person.pw_uid, person.pw_gid)
            self.run = [str(shutil.which("runuser")), "-u", "postgres", "--"]
        self.do("initdb", "-D", folder / "main", "-U", "guanxi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start("main")
        self.do("pg_basebackup", "-D", folder / "standby", "-R", "-X", "stream", "-c", "fast",
                "-h", "127.0.0.1", "-p", str(self.ports["main"]), "-U", "guanxi")  # fmt: skip
        self.start("standby")

    def command(self, name: str, *arguments: object) -> list[str]:
        return [*self.run, str(self.binaries / name), *map(str, arguments)]

    def do(self, name: str, *arguments: object) -> None:
        done = subprocess.run(self.command(name, *arguments), capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stderr

    def start(self, name: str) -> None:
        options = f"-p {self.ports[name]} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        command = self.command(
            "pg_ctl", "-D", self.folder / name, "-w", "-l", self.folder / f"{name}.log", "-o", options
        )
        assert subprocess.run([*command, "start"], stdout=subprocess.DEVNULL, cwd="/", check=False).returncode == 0

    def stop(self, name: str) -> list[str]:
        return self.command("pg_ctl", "-D", self.folder / name, "-m", "immediate", "-w", "stop")

    def address(self, name: str) -> str:
        return f"postgresql://guanxi@127.0.0.1:{self.ports[name]}/postgres"


@pytest.fixture
def pair() -> Iterator[Pair]:
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL's programs are not installed, and a replica needs a server of its own")
    folder = Path(tempfile.mkdtemp(prefix="guanxi-replica-"))
    try:
        servers = Pair(folder, binaries)
        yield servers
    finally:
        for name in ("standby", "main"):
            if (folder / name / "postmaster.pid").exists():
                subprocess.run(servers.stop(name), stdout=subprocess.DEVNULL, cwd="/", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_replica_is_read_while_it_is_near_enough(pair: Pair, tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": pair.address("main"),
        "GUANXI_REPLICA_URL": pair.address("standby"),
        "GUANXI_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
    }
    arguments = [pair.address("standby"), pair.address("main"), json.dumps(pair.stop("standby"))]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=120, cwd="/",
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    there, here = [True, True], [False, False]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "near": [*there, 2],
        "export": 2,
        "inside a transaction": [*here, 2],
        "other rights": [*here, 3],
        "caught up": [*there, 3],
        "written meanwhile": [*there, 5],
        "too far behind": [*here, 5],
        "gone": [*here, 5],
    }
    assert "does not answer" in done.stderr
