"""``guanxi serve``: everything a company needs, under one supervisor."""

from __future__ import annotations

import argparse
import subprocess
import sys
from functools import partial
from typing import Any

from guanxi.project import config, django_start
from guanxi.project.supervisor import Child, Supervisor


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("serve", help="serve the pages, run the jobs and the live updates; stop with Ctrl-C")
    parser.add_argument("--no-check", action="store_true", help="do not check the installation first")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the installation in a process of its own, which leaves no connections behind, then serve."""
    settings = config.current()
    if not arguments.no_check:
        result = subprocess.run([sys.executable, "-m", "guanxi.project.cli", "check", "--quiet"], check=False)
        if result.returncode:
            return result.returncode
    children = [Child(name, partial(arguments.main, [name, "--supervised"])) for name in ("web", "worker", "live")]
    return Supervisor(settings, children, load=django_start.load_everything).run()
