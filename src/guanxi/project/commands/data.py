"""``guanxi demo load`` and ``guanxi import``: bring records in."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from guanxi.domains.integration.arguments import add_arguments
from guanxi.project import config
from guanxi.project.config import ConfigError

DEMO_SEED = 20240229


def register(commands: Any) -> None:
    """Add the parsers."""
    demo = commands.add_parser("demo", help="the demo company")
    actions = demo.add_subparsers(metavar="ACTION", required=True)
    load = actions.add_parser("load", help="load the demo company into an empty database")
    load.add_argument("--seed", type=int, default=DEMO_SEED, help="another number makes another company")
    load.add_argument("--today", type=date.fromisoformat, help="the day that all dates are relative to (YYYY-MM-DD)")
    load.set_defaults(run=run_demo)
    bring = commands.add_parser("import", help="bring in a file, or a folder of files")
    add_arguments(bring)
    bring.set_defaults(run=run_import)


def run_demo(arguments: argparse.Namespace) -> int:
    """Load the demo company; refuses where there are people already."""
    _ready()
    if not _is_empty():
        raise ConfigError("The database holds people already; the demo company goes into an empty one only.")
    _load_demo(arguments.seed, arguments.today)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Import a file or a folder and print the report; the status is 1 if rows were refused."""
    _ready()
    from guanxi.project import django_start

    if arguments.folder.is_file():
        if not arguments.object:
            raise ConfigError("Say with --object what the rows of the file are, such as --object contact.")
        return int(django_start.part("guanxi.domains.integration.file_run", "main")(arguments))
    if not arguments.folder.is_dir():
        raise ConfigError(f"There is no folder {arguments.folder}.")
    return int(django_start.part("guanxi.domains.integration.run", "main")(arguments))


def load_demo_if_empty() -> None:
    """Load the demo company unless somebody is there already. Needs Django to be set up."""
    if _is_empty():
        _load_demo(DEMO_SEED, None)
    else:
        _progress("kept")


def _ready() -> None:
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
    if pending := django_start.pending_migrations():
        raise ConfigError(f"The database is not up to date ({len(pending)} steps are missing); run guanxi migrate.")


def _is_empty() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model()._default_manager.exists()


def _load_demo(seed: int, today: date | None) -> None:
    from django.utils import translation

    from guanxi.project.demo.load import load_demo

    with translation.override("en"):
        report = load_demo(seed=seed, today=today, progress=_progress)
    _progress(f"loaded, {sum(report.counts.values()):,} records")
    lines = [f"  {person.username} / {person.password}   {person.name}, {person.role}" for person in report.sign_ins]
    path = config.current().data_dir / "demo-sign-ins.txt"
    path.write_text("\n".join(["Sign in as (user name / password):", *lines, ""]), encoding="utf-8")


def _progress(text: str) -> None:
    print(f"{'Demo company':<14} {text}", flush=True)
