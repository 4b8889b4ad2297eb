"""``guanxi translations``: collects, checks and compiles the Chinese texts."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("translations", help="collect, check or compile the translations")
    parser.add_argument("action", choices=("update", "check", "compile"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do the action; ``check`` ends with status 1 if a text is not translated."""
    from guanxi.project import translations

    if arguments.action == "update":
        missing = translations.update()
        print(f"{translations.PO} updated; {missing} texts wait for a translation.")
    elif arguments.action == "compile":
        print("Compiled." if translations.compile_if_older() else "Up to date.")
    else:
        problems = translations.problems()
        for problem in problems:
            print(problem, file=sys.stderr)
        if problems:
            print(f"{len(problems)} problems; run guanxi translations update and translate them.", file=sys.stderr)
            return 1
        print("Every text is translated.")
    return 0
