"""``guanxi bench``: the benchmark on SQLite and on PostgreSQL, as one table."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from guanxi.project.bench.results import Book

POSTGRES = "postgresql://root@127.0.0.1:5432/postgres"
DATABASE = "guanxi_bench"
MODULES = {
    "pages": "guanxi.project.bench.measure",
    "permissions": "guanxi.project.bench.permissions",
    "search": "guanxi.project.bench.search",
    "journal": "guanxi.project.bench.journal",
    "duplicates": "guanxi.project.bench.duplicates",
    "importing": "guanxi.project.bench.importing",
    "serving": "guanxi.project.bench.serving",
}
HEADER = f"{'':26}{'median ms':>10}{'p95 ms':>9}{'queries':>9}{'bytes':>9}{'bare SQL ms':>13}{'ratio':>8}"

PERMISSION_HEADER = f"{'':26}{'administrator ms':>17}{'manager ms':>12}{'queries':>12}{'ratio':>8}"
SEARCHERS = ("all", "manager", "little", "nothing")
SEARCH_HEADER = f"{'median / p95 ms':22}" + "".join(f"{who:>17}" for who in SEARCHERS) + f"{'queries':>9}"


def run_filled(address: str, rows: int, runs: int, results: Path | None = None) -> int:
    """Measure pages on a database that ``guanxi bench load`` filled, and leave it as it is but for some new records."""
    title = "SQLite" if address.startswith("sqlite") else "PostgreSQL"
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
        return 0 if _report(title, address, rows, runs, folder, "pages", Book(results)) else 1


def run_bench(rows: int, runs: int, database: str, part: str = "pages", results: Path | None = None) -> int:
    """Measure each database in a process of its own and print the tables; 1 when nothing was measured.

    ``part`` is ``pages``, ``permissions`` (what a manager's pages cost beside an administrator's), ``search`` (typing
    ahead among a million records), ``journal`` (a mass update, its undo, and earlier days),
    ``duplicates`` (a scan), ``importing`` (a file beside the bare driver) or ``serving`` (the running program with many
    people at once). In the folder ``results`` they are kept and
    compared with what was kept before.
    """
    measured = 0
    book = Book(results)
    if database != "postgresql":
        with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
            measured += _report("SQLite", f"sqlite:///{folder}/bench.sqlite3", rows, runs, folder, part, book)
    if database != "sqlite":
        server = os.environ.get("GUANXI_BENCH_POSTGRES", POSTGRES)
        try:
            address = _fresh_database(server)
        except psycopg.OperationalError as error:
            print(
                f"PostgreSQL cannot be reached at {server}; set GUANXI_BENCH_POSTGRES. ({str(error).splitlines()[0]})"
            )
        else:
            with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
                measured += _report("PostgreSQL", address, rows, runs, folder, part, book)
            _drop(server)
    return 0 if measured else 1


def _report(title: str, address: str, rows: int, runs: int, folder: str, part: str, book: Book) -> int:
    what = "contacts" if part == "duplicates" else "opportunities"
    print(f"{title}, {part}, {rows:,} {what}, {runs} requests per case", flush=True)
    environment = os.environ | {
        "DATABASE_URL": address,
        "GUANXI_DATA_DIR": folder,
        "GUANXI_ALLOWED_HOSTS": "localhost,127.0.0.1",
    }
    start = time.perf_counter()
    command = [sys.executable, "-m", MODULES[part], str(rows), str(runs)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"The benchmark on {title} failed; see the lines above.")
        return 0
    lines = json.loads(done.stdout.splitlines()[-1])
    header, show = LINES[part]
    table = [f"{header}{'last':>8}"]
    for line in lines:
        last = book.last(part, title, rows, line)
        table.append(show(line) + (f"{last:8.2f}" if last is not None else ""))
    print("\n".join(table))
    book.add(part, title, rows, lines, table, _engine(address))
    print(f"  {time.perf_counter() - start:.0f} s in all, filling included\n", flush=True)
    return 1


def _pages_line(line: dict[str, Any]) -> str:
    return (
        f"{line['name']:26}{line['median']:10.1f}{line['p95']:9.1f}{line['queries']:9d}{line['bytes']:9,d}"
        f"{line['bare']:13.2f}{line['ratio']:8.1f}"
    )


def _permissions_line(line: dict[str, Any]) -> str:
    queries = f"{line['administrator_queries']} / {line['manager_queries']}"
    return f"{line['name']:26}{line['administrator']:17.1f}{line['manager']:12.1f}{queries:>12}{line['ratio']:8.2f}"


def _search_line(line: dict[str, Any]) -> str:
    """Chinese characters take two columns."""
    name = line["name"]
    wide = sum(not char.isascii() for char in name)
    people = "".join(f"{line[who]:9.1f} /{line[f'{who}_p95']:6.1f}" for who in SEARCHERS)
    return f"{name:{22 - wide}}{people}{line['queries']:9d}"


def _journal_line(line: dict[str, Any]) -> str:
    return f"{line['name']:34}{line['seconds']:10.3f}"


def _duplicates_line(line: dict[str, Any]) -> str:
    return f"{line['name']:34}{line['value']:>20}"


def _serving_line(line: dict[str, Any]) -> str:
    return f"{line['name']:44}{line['value']:12.1f} {line['unit']:11}"


def _importing_line(line: dict[str, Any]) -> str:
    speeds = "".join(f"{line[name]:14,.0f}" for name in ("parsed", "checked", "imported", "bare"))
    return f"{line['name']:24}{speeds}{line['ratio']:8.3f}{line['memory']:10.0f}"


IMPORTING_HEADER = (
    f"{'rows a second':24}{'parsed':>14}{'checked':>14}{'imported':>14}{'bare driver':>14}{'ratio':>8}{'peak MB':>10}"
)


LINES: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "pages": (HEADER, _pages_line),
    "permissions": (PERMISSION_HEADER, _permissions_line),
    "search": (SEARCH_HEADER, _search_line),
    "importing": (IMPORTING_HEADER, _importing_line),
    "journal": (f"{'':34}{'seconds':>10}", _journal_line),
    "serving": (f"{'':44}{'':12} {'':11}", _serving_line),
    "duplicates": (f"{'':34}{'':>20}", _duplicates_line),
}


def _fresh_database(server: str) -> str:
    """An empty database for the benchmark on the server; its address."""
    _drop(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    return f"{server.rsplit('/', 1)[0]}/{DATABASE}"


def _engine(address: str) -> str:
    """The database with its version and what its speed depends on most."""
    if address.startswith("sqlite"):
        return f"SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(address) as connection:
        buffers = connection.execute("SHOW shared_buffers").fetchone() or ("?",)
        return f"PostgreSQL {connection.info.parameter_status('server_version')}, shared_buffers {buffers[0]}"


def _drop(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
