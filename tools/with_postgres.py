"""Gives a PostgreSQL for tests: ``python tools/with_postgres.py COMMAND ...`` runs the command with DATABASE_URL set.

A server at ``GUANXI_TEST_POSTGRES`` is used if it answers; else, where PostgreSQL's programs are installed, a cluster
of its own is started on the loopback address and thrown away afterwards.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from steps import quietly, stop

DEFAULT_URL = "postgresql://root@127.0.0.1:5432/test"


@contextmanager
def postgres() -> Iterator[str | None]:
    """The URL of a server to test with for the time of the block; None where there is none."""
    url = os.environ.get("GUANXI_TEST_POSTGRES") or DEFAULT_URL
    if _answers(url):
        yield url
    elif (programs := _programs()) is not None:
        with _cluster(programs) as own:
            yield own
    else:
        yield None


def _answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _programs() -> Path | None:
    """The folder with initdb and pg_ctl; the newest version where several are installed."""
    found = [Path(path).resolve().parent for name in ("initdb",) if (path := shutil.which(name))]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextmanager
def _cluster(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="guanxi-postgres-"))
    run = _unprivileged(folder)
    port = _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    data = folder / "data"
    try:
        _must(
            [
                *run,
                programs / "initdb",
                "-D",
                data,
                "-U",
                "guanxi",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
            ]
        )
        _must([*run, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"])
        yield f"postgresql://guanxi@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            quietly([*run, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: the prefix that runs a program as somebody else, who then owns the folder."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, person.pw_uid, person.pw_gid)
        if runuser := shutil.which("runuser"):
            return [runuser, "-u", name, "--"]
        return ["setpriv", f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"]
    stop("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _must(command: list[str | Path]) -> None:
    succeeded, log = quietly(command, cwd=Path("/"))
    if not succeeded:
        print(log.rstrip(), file=sys.stderr)
        stop("The PostgreSQL for tests could not be started; the log is above.")


def main() -> int:
    """Run the command; the status is its own, or 1 if there is no PostgreSQL."""
    with postgres() as url:
        if url is None:
            stop("There is no PostgreSQL to test with; install it or set GUANXI_TEST_POSTGRES.")
        return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
