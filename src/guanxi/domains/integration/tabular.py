"""Tables from files: encoding and delimiter found out, every row with its line in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.errors import Invalid

_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its number in the file (the header is 1), its cells by column, stripped."""

    number: int
    cells: Mapping[str, str]
    surplus: tuple[str, ...] = ()
    """Cells beyond the last column."""
    short: bool = False
    """Whether cells at the end are missing."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(path: Path) -> Table:
    """Read a delimited text file in UTF-8, with or without a byte order mark; :class:`Invalid` in words otherwise."""
    if not path.is_file():
        raise Invalid(_("The file “%(path)s” is missing.") % {"path": path})
    text = _decode(path)
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = tuple(name.strip() for name in next(reader, []))
        lines = [_line(columns, cells, number) for cells, number in _numbered(reader) if any(cells)]
    except csv.Error as error:
        message = _("The file “%(path)s” cannot be read as a table near line %(line)d: %(error)s")
        raise Invalid(message % {"path": path, "line": reader.line_num, "error": error}) from error
    if len(set(columns)) != len(columns):
        raise Invalid(_("The file “%(path)s” has two columns of the same name.") % {"path": path})
    return Table(path.name, columns, tuple(lines))


def _decode(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("The file “%(path)s” is not in UTF-8 (byte %(byte)d). Save it as “CSV UTF-8” and import it again.")
        raise Invalid(message % {"path": path, "byte": error.start}) from error


def _numbered(reader: Any) -> list[tuple[list[str], int]]:
    """Rows with the number of the line they begin in."""
    rows = []
    start = reader.line_num + 1
    for cells in reader:
        rows.append((cells, start))
        start = reader.line_num + 1
    return rows


def _line(columns: tuple[str, ...], cells: list[str], number: int) -> Line:
    named = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    missing = {column: "" for column in columns if column not in named}
    return Line(number, named | missing, tuple(cells[len(columns) :]), bool(missing))
