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

    _follow_journal()
    default_roles()
    with write.change(Actor.program(), cause="setup") as door:
        ensure_pipeline(door)
    _index_roles()


def _index_roles() -> None:
    """The shipped roles are made without an entry in the journal, which the search index would follow."""
    from guanxi.access.models import Role
    from guanxi.engine.search.feed import refresh
    from guanxi.kernel import db
    from guanxi.schema.registry import get

    with db.atomic():
        refresh(get("role"), list(Role.objects.values_list("pk", flat=True)))


def _follow_journal() -> None:
    """From here on every consumer gets every entry; records there already are taken into the search index by a job."""
    from guanxi.access.actor import Actor
    from guanxi.engine.search import job as search_job
    from guanxi.engine.search.lately import NAME
    from guanxi.journal import consumers, cursors
    from guanxi.journal.models import Cursor, Entry

    fresh = not Cursor.objects.filter(pk=NAME).exists()
    cursors.start(consumers.names())
    if fresh and Entry.objects.exists():
        search_job.start(Actor.program(), None)
