"""``guanxi bench``: measures this program on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("bench", help="measure server time, queries and bytes beside bare SQL")
    parser.add_argument("what", nargs="?", choices=("load",), help="load: only fill the empty database of DATABASE_URL")
    parser.add_argument(
        "--rows", type=int, default=0, help="opportunities (100,000; 1,000,000 for permissions, search)"
    )
    parts = ("pages", "permissions", "search", "journal", "duplicates", "importing", "serving", "all")
    parser.add_argument("--part", choices=parts, default="all", help="what is measured (all)")
    parser.add_argument("--runs", type=int, default=30, help="requests per case (30)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument(
        "--filled", metavar="ADDRESS", help="measure pages on this database, which bench load has filled"
    )
    parser.add_argument("--results", type=Path, help="a folder to keep the results in and compare them with")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the benchmark, or fill the database of this configuration."""
    if arguments.what == "load":
        return _load(arguments.rows or 100_000)
    from guanxi.project.bench.run import run_bench, run_filled

    if arguments.filled:
        return run_filled(arguments.filled, arguments.rows or 100_000, arguments.runs, arguments.results)
    status = 0
    usual = {"pages": 100_000, "permissions": 1_000_000, "search": 1_000_000, "journal": 100_000}
    usual |= {"duplicates": 100_000, "importing": 100_000, "serving": 100_000}
    for part, rows in usual.items():
        if arguments.part in (part, "all"):
            status |= run_bench(arguments.rows or rows, arguments.runs, arguments.database, part, arguments.results)
    return status


def _load(rows: int) -> int:
    from django.core.management import call_command

    from guanxi.project import django_start

    django_start.start()
    call_command("migrate", verbosity=0)
    from guanxi.project.bench.load import load

    load(rows, lambda line: print(line, flush=True))
    return 0
