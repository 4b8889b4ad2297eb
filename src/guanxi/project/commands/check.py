"""``guanxi check``: says in words what is wrong with this installation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from guanxi.project.config import Config


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("check", help="check configuration, database, translations and assets")
    parser.add_argument("--quiet", action="store_true", help="print only what is wrong")
    parser.add_argument("--code", action="store_true", help="check the program alone, without database and assets")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one line per problem; the status is 1 if there is any."""
    from guanxi.project import django_start

    settings = django_start.start()
    problems = list(_program())
    if not arguments.code:
        django_start.require_database()
        problems.extend(_installation(settings))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems and not arguments.quiet:
        print("Everything is in order.")
    return 1 if problems else 0


def _program() -> Iterator[str]:
    from django.core.checks import WARNING, run_checks

    for message in run_checks():
        if message.level >= WARNING and not message.is_silenced():
            hint = f" {message.hint}" if message.hint else ""
            yield f"{message.obj or 'Guanxi'}: {message.msg}{hint} ({message.id})"


def _installation(settings: Config) -> Iterator[str]:
    from guanxi.project import assets, django_start, translations

    pending = django_start.pending_migrations()
    if pending:
        more = f" and {len(pending) - 3} more" if len(pending) > 3 else ""
        yield f"The database is not up to date ({', '.join(pending[:3])}{more}); run guanxi migrate."
    if translations.older_than_source():
        yield "The translations are not compiled; run guanxi translations compile."
    if not settings.debug and not assets.collected(settings):
        yield "The browser assets are not collected; run guanxi collect."
