"""``guanxi manage``: Django's own commands, for developers."""

from __future__ import annotations

import argparse
from typing import Any

from guanxi.project import config


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("manage", help="Django's own commands, for developers", add_help=False)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command in this process."""
    config.current()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["guanxi manage", *arguments.arguments])
    return 0
