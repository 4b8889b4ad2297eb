"""``guanxi bench``: measures this program on this machine."""

from __future__ import annotations

import argparse
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("bench", help="measure server time, queries and bytes beside bare SQL")
    parser.add_argument("--rows", type=int, default=100_000, help="opportunities (100,000)")
    parser.add_argument("--runs", type=int, default=30, help="requests per case (30)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hand over to the benchmark."""
    from guanxi.project.bench.run import run_bench

    return run_bench(arguments.rows, arguments.runs, arguments.database)
