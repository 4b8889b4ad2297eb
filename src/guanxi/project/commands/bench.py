"""``guanxi bench``: measures this program on this machine."""

from __future__ import annotations

import argparse
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("bench", help="measure server time, queries and bytes beside bare SQL")
    parser.add_argument(
        "--rows", type=int, default=0, help="opportunities (100,000; 1,000,000 for permissions, search)"
    )
    parts = ("pages", "permissions", "search", "journal", "importing", "all")
    parser.add_argument("--part", choices=parts, default="all", help="what is measured (all)")
    parser.add_argument("--runs", type=int, default=30, help="requests per case (30)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the benchmark."""
    from guanxi.project.bench.run import run_bench

    status = 0
    usual = {"pages": 100_000, "permissions": 1_000_000, "search": 1_000_000, "journal": 100_000, "importing": 100_000}
    for part, rows in usual.items():
        if arguments.part in (part, "all"):
            status |= run_bench(arguments.rows or rows, arguments.runs, arguments.database, part)
    return status
