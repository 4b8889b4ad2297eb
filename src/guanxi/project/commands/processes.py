"""``guanxi web``, ``guanxi worker``, ``guanxi live``: the parts of ``serve``, each on its own for larger sites."""

from __future__ import annotations

import argparse
from typing import Any

from guanxi.project import config
from guanxi.project.lifeline import follow_parent


def register(commands: Any) -> None:
    """Add the parsers."""
    for name, run, help_text in (
        ("web", run_web, "serve pages and API"),
        ("worker", run_worker, "run the jobs"),
        ("live", run_live, "serve the live updates"),
    ):
        parser = commands.add_parser(name, help=help_text)
        parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
        parser.set_defaults(run=run)


def run_web(arguments: argparse.Namespace) -> int:
    """Serve pages and API until told to stop."""
    from guanxi.project import servers

    _follow(arguments)
    return servers.web(config.current())


def run_worker(arguments: argparse.Namespace) -> int:
    """Run jobs until told to stop."""
    from guanxi.project import django_start

    _follow(arguments)
    django_start.start()
    django_start.require_database()
    from guanxi.project import worker  # it needs Django to be set up

    return worker.run()


def run_live(arguments: argparse.Namespace) -> int:
    """Serve the live updates until told to stop."""
    from guanxi.project import servers

    _follow(arguments)
    return servers.live(config.current())


def _follow(arguments: argparse.Namespace) -> None:
    if arguments.supervised:
        follow_parent()
