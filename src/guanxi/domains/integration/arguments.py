"""The arguments of ``guanxi import``; free of Django, so that the command line can be built without starting it."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them; :func:`guanxi.domains.integration.run.main` reads them."""
    parser.add_argument("folder", type=Path, help="folder with the files")
    parser.add_argument("--plan", help="name of a shipped plan, or a plan file; found by the files when left out")
    parser.add_argument("--currency", help="currency of the amounts, such as USD")
    parser.add_argument(
        "--date-format", choices=("ymd", "mdy", "dmy"), help="order in dates that do not tell it themselves"
    )
    parser.add_argument("--report", type=Path, help="write the whole report to this file, as JSON")
    parser.add_argument("--rejected", type=Path, help="write rejected rows to files in this folder")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and keep nothing")
