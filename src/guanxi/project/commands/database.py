"""``guanxi migrate``: brings the tables of the database up to this version."""

from __future__ import annotations

import argparse
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("migrate", help="bring the database up to this version")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Apply the pending migrations."""
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
    print(f"Database {migrate()}.")
    return 0


def migrate() -> str:
    """Apply the pending migrations; what was done, in words. Needs Django to be set up."""
    from django.core.management import call_command

    from guanxi.project import django_start

    pending = len(django_start.pending_migrations())
    if not pending:
        return "up to date"
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    furnish()
    return f"brought up to date ({pending} step{'s' if pending > 1 else ''})"


def furnish() -> None:
    """What a company needs before its first record: the shipped roles, and a pipeline for its first opportunity."""
    from guanxi.access.actor import Actor
    from guanxi.access.setup import default_roles
    from guanxi.domains.sales.setup import ensure_pipeline
    from guanxi.engine import write

    default_roles()
    with write.change(Actor.program(), cause="setup") as door:
        ensure_pipeline(door)
