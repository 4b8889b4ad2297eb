"""The arguments of ``guanxi import``; free of Django, so that the command line can be built without starting it."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them; :func:`guanxi.domains.integration.run.main` reads them, for a file ``file_run.main``."""
    parser.add_argument("folder", type=Path, metavar="PATH", help="folder with the files of a plan, or one file")
    parser.add_argument("--plan", help="name of a shipped plan, or a plan file; found by the files when left out")
    parser.add_argument("--currency", help="currency of the amounts, such as USD")
    parser.add_argument(
        "--date-format", choices=("ymd", "mdy", "dmy"), help="order in dates that do not tell it themselves"
    )
    parser.add_argument("--report", type=Path, help="write the whole report to this file, as JSON")
    parser.add_argument("--rejected", type=Path, help="write rejected rows to files in this folder")
    file = parser.add_argument_group("one file")
    file.add_argument("--object", help="key of the object that its rows are, such as contact")
    file.add_argument("--mode", choices=("create", "update", "upsert"), help="what happens to the rows")
    file.add_argument("--key", help="field by which existing records are found")
    file.add_argument("--map", action="append", metavar="COLUMN=FIELD", help="field of a column; as often as needed")
    file.add_argument("--set", action="append", metavar="FIELD=VALUE", help="the same value for every row")
    file.add_argument("--template", help="name of a saved mapping")
    file.add_argument("--create-missing", action="store_true", help="create the records that cells name")
    file.add_argument("--number-format", choices=("point", "comma"), help="what comes before the decimals")
    file.add_argument("--encoding", help="encoding of a text file, where it is not found out rightly")
    file.add_argument("--sheet", help="sheet of a spreadsheet")
    file.add_argument("--header", type=int, help="row with the names of the columns; 0 when there is none")
    file.add_argument("--user", help="user name of the person in whose name it is done; the program otherwise")
    file.add_argument("--quiet", action="store_true", help="notify nobody")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and keep nothing")
