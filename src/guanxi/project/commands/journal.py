"""``guanxi journal``: how far the followers of the journal are, and a new era after a backup was restored."""

from __future__ import annotations

import argparse
from typing import Any


def register(commands: Any) -> None:
    """Add the parsers."""
    parser = commands.add_parser("journal", help="look after the journal")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    status = actions.add_parser("status", help="show how far each consumer is behind")
    status.set_defaults(run=run_status)
    new_era = actions.add_parser("new-era", help="begin a new era: do this after restoring a backup")
    new_era.set_defaults(run=run_new_era)


def run_status(arguments: argparse.Namespace) -> int:
    """A line per consumer; exit status 1 when there are dead letters."""
    _start()
    from guanxi.journal import consumers, cursors, era
    from guanxi.kernel import clock

    print(f"Era {era.current()}")
    if era.is_over():
        print("The database was restored from a backup: run guanxi journal new-era.")
    print(f"{'consumer':<20} {'behind':>8} {'for':>8} {'waiting':>8} {'dead':>8}")
    dead = 0
    for lag in cursors.lags(consumers.names()):
        seconds = (clock.now() - lag.since).total_seconds() if lag.since else 0
        behind = f"{lag.entries:,}{'+' if lag.more else ''}"
        print(f"{lag.consumer:<20} {behind:>8} {f'{seconds:,.0f} s':>8} {lag.waiting:>8,} {lag.dead:>8,}")
        dead += lag.dead
    return 1 if dead else 0


def run_new_era(arguments: argparse.Namespace) -> int:
    """Begin it."""
    _start()
    from guanxi.journal import era

    print(f"Era {era.begin()} of the journal begins.")
    return 0


def _start() -> None:
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
