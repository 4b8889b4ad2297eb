"""``guanxi prepare`` and ``guanxi collect``: what has to be done before serving, and only as far as it has to be."""

from __future__ import annotations

import argparse
from typing import Any

from guanxi.project.commands import data, database


def register(commands: Any) -> None:
    """Add the parsers."""
    parser = commands.add_parser("prepare", help="make ready to serve: translations, database, assets")
    parser.add_argument("--demo", action="store_true", help="load the demo company if the database is empty")
    parser.set_defaults(run=run)
    parser = commands.add_parser(
        "collect", help="copy the browser assets, hashed and compressed, to the data directory"
    )
    parser.add_argument("--force", action="store_true", help="even if nothing has changed")
    parser.set_defaults(run=run_collect)


def run(arguments: argparse.Namespace) -> int:
    """Every step in turn, a line each."""
    from guanxi.project import assets, django_start, translations

    say("Translations", "compiled" if translations.compile_if_older() else "up to date")
    settings = django_start.start()
    django_start.require_database()
    say("Database", database.migrate())
    say("Assets", "collected" if assets.collect(settings) else "up to date")
    if arguments.demo:
        data.load_demo_if_empty()
    return 0


def run_collect(arguments: argparse.Namespace) -> int:
    """Collect the assets."""
    from guanxi.project import assets, django_start

    say("Assets", "collected" if assets.collect(django_start.start(), force=arguments.force) else "up to date")
    return 0


def say(step: str, result: str) -> None:
    """One progress line, in the form of the other steps of ``make run``."""
    print(f"{step:<14} {result}", flush=True)
