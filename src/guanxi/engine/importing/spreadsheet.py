"""Spreadsheets (XLSX), row by row.

Read by openpyxl, not by faster ones: python-calamine was measured 14 times as fast (100,000 rows of 10 cells in 0.5 s
instead of 7.3 s), but it unpacks the whole sheet into memory (109 MB instead of 36 MB), and ends the process on a file of
two cells that claims to reach from A1 to XFD1048576.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from guanxi.engine.importing import limits
from guanxi.engine.importing.cells import as_cell
from guanxi.engine.importing.delimited import too_many_columns
from guanxi.kernel.errors import Invalid

_ESCAPED = re.compile(r"_x(00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])_")
_ERRORS = (
    *(zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, ParseError, OSError, EOFError),
    *(AttributeError, TypeError, IndexError, NotImplementedError, RuntimeError),
)
"""What the library lets through when a file is not what it says; which of them depends on where it is broken."""


def is_archive(head: bytes) -> bool:
    """Whether a file begins like a ZIP archive, as every XLSX does."""
    return head.startswith(b"PK\x03\x04")


def check_archive(file: BinaryIO) -> None:
    """Refuse what unpacks to too much, before anything is unpacked."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if len(parts) > limits.SHEET_PARTS:
                raise _too_large()
            for part in parts:
                small = part.file_size <= 1_000_000
                if not small and part.file_size > limits.SHEET_RATIO * max(1, part.compress_size):
                    raise _too_large()
                if "sharedstrings" in part.filename.lower() and part.file_size > limits.SHARED_BYTES:
                    raise _too_large()
            if sum(part.file_size for part in parts) > limits.SHEET_BYTES:
                raise _too_large()
            if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
                raise _no_sheet()
    except zipfile.BadZipFile as error:
        raise _no_sheet() from error


def sheets(file: BinaryIO) -> list[str]:
    """The names of the sheets, in order; hidden ones are left out where others are there."""
    book = _open(file)
    try:
        names = [sheet.title for sheet in book.worksheets]
        shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        return shown or names
    finally:
        book.close()


def records(file: BinaryIO, sheet: str) -> Iterator[list[str]]:
    """The rows of a sheet, the last empty cells left out; formulas by the value the file holds for them."""
    book = _open(file)
    try:
        found = next((one for one in book.worksheets if one.title == sheet), None)
        if found is None:
            raise Invalid(_("The file has no sheet “%(name)s”.") % {"name": sheet[:60]})
        # What a file claims about its size is not believed: rows are as long as the cells in them.
        found.reset_dimensions()
        rows = found.iter_rows(values_only=True)
        while (row := _next(rows)) is not None:
            yield _cells(row)
    finally:
        book.close()


def _cells(row: tuple[Any, ...]) -> list[str]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    if end > limits.COLUMNS:
        raise too_many_columns()
    return [_ESCAPED.sub(_character, as_cell(value)) if type(value) is str else as_cell(value) for value in row[:end]]


def _character(match: re.Match[str]) -> str:
    """What XML cannot hold is written as ``_x0007_`` in a spreadsheet; the library leaves it so."""
    return chr(int(match.group(1), 16))


def _next(rows: Iterator[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    try:
        return next(rows, None)
    except _ERRORS as error:
        raise _no_sheet() from error


def _open(file: BinaryIO) -> Any:
    check_archive(file)
    file.seek(0)
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _ERRORS as error:
        raise _no_sheet() from error


def _too_large() -> Invalid:
    return Invalid(
        _("The spreadsheet unpacks to more than it should. Save it anew, in smaller parts or as CSV, and send that.")
    )


def _no_sheet() -> Invalid:
    return Invalid(
        _("This spreadsheet cannot be read. Open it, save it as XLSX without a password, and send it again.")
    )
