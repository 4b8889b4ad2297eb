"""XLSX with typed cells, written through a file on disk in constant memory. No text is ever a formula or a link."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from guanxi.engine.export.order import Plan
from guanxi.engine.export.rows import batches
from guanxi.engine.export.safety import neutralise
from guanxi.engine.export.values import Cell, Cells, headings
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.kinds.computed import RollUpMoney
from guanxi.schema.kinds.numeric import Money

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS = 1_048_576
LONGEST = 32_767
"""Characters (UTF-16) that a cell can hold."""
EXACT = 15
"""Digits that a spreadsheet keeps of a number; longer ones go as text."""
FIRST = date(1900, 3, 1)
"""The first day on which every spreadsheet program agrees."""
PIECE = 65_536
_FOOTER = 120
_WIDTHS = {"date": 12, "datetime": 20, "boolean": 10, "long_text": 46, "rich_text": 46, "address": 36, "email": 28}


def write(plan: Plan, ids: Sequence[int], stamp: str) -> Iterator[bytes]:
    """The finished file in pieces; the file on disk is gone afterwards. ``stamp`` says who and when, or nothing."""
    with tempfile.TemporaryFile() as file:
        _fill(file, plan, ids, stamp)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(file: BinaryIO, plan: Plan, ids: Sequence[int], stamp: str) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {**options, "strings_to_numbers": False})
    try:
        if stamp:
            book.set_properties({"author": stamp, "comments": stamp})
        _Sheets(book, plan, stamp).fill(ids)
    finally:
        book.close()


class _Sheets:
    """The sheets of a book: a second one begins where the first is full."""

    def __init__(self, book: Any, plan: Plan, stamp: str) -> None:
        self.book, self.plan, self.stamp = book, plan, stamp
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.quoted = book.add_format({"quote_prefix": True})
        self.formats = {
            name: book.add_format({"num_format": pattern})
            for name, pattern in {
                **{"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm:ss", "integer": "#,##0", "plain": "0"},
                **{"decimal": "#,##0.00####", "percent": '0.##"%"', "money": "#,##0.00"},
            }.items()
        }
        self.sheet: Any = None
        self.line = 0

    def fill(self, ids: Sequence[int]) -> None:
        """Write everything."""
        self._begin()
        cells = Cells(self.plan.actor, self.plan.order.form)
        for rows, labels in batches(self.plan, ids):
            for row in rows:
                if self.line == SHEET_ROWS:
                    self._begin()
                self.sheet.write_number(self.line, 0, row.id, self.formats["plain"])
                for column, field in enumerate(self.plan.fields, start=1):
                    self._put(column, field, cells(field, row, labels), row.id)
                self.line += 1
        if self.plan.order.note and self.stamp and self.line < SHEET_ROWS:
            self.sheet.write_string(self.line, 0, self.stamp)

    def _begin(self) -> None:
        plan = self.plan
        self.sheet = self.book.add_worksheet()
        self.sheet.freeze_panes(1, 1)
        if self.stamp:
            # An ampersand begins a code in a footer.
            self.sheet.set_footer(f"&L{self.stamp[:_FOOTER].replace('&', '&&')}&R&P / &N")
        top = headings(plan.fields, plan.order.headings, plan.actor.language)
        for column, heading in enumerate(top):
            field = plan.fields[column - 1] if column else None
            least = _WIDTHS.get(field.kind.name, 14 if field.kind.family == "number" else 22) if field else 9
            self.sheet.set_column(column, column, max(least, min(40, len(heading) * 1.5 + 2)))
        for column, heading in enumerate(top):
            self.sheet.write_string(0, column, heading[:LONGEST], self.bold)
        self.line = 1

    def _put(self, column: int, field: FieldDefinition, cell: Cell, record: int) -> None:
        if cell is None:
            return
        if isinstance(cell, bool):
            self.sheet.write_boolean(self.line, column, cell)
        elif isinstance(cell, int | Decimal) and _fits(cell):
            self.sheet.write_number(self.line, column, cell, self._number_format(field))
        elif isinstance(cell, date) and not isinstance(cell, datetime) and cell >= FIRST:
            self.sheet.write_datetime(self.line, column, cell, self.formats["date"])
        elif isinstance(cell, datetime) and cell.date() >= FIRST:
            self.sheet.write_datetime(self.line, column, cell, self.formats["datetime"])
        else:
            text = self._bounded(str(cell), field, record)
            # Excel would take the text for a formula once somebody edits the cell, unless it is marked as text.
            risky = isinstance(cell, str) and neutralise(text) != text
            self.sheet.write_string(self.line, column, text, self.quoted if risky else None)

    def _number_format(self, field: FieldDefinition) -> Any:
        if isinstance(field.kind, Money | RollUpMoney):
            return self.formats["money"]
        if field.kind.family == "lookup" or field.spec.extra.get("plain"):
            return self.formats["plain"]
        return self.formats.get(field.kind.name, self.formats["integer"])

    def _bounded(self, text: str, field: FieldDefinition, record: int) -> str:
        units = text.encode("utf-16-le")
        if len(units) <= 2 * LONGEST:
            return text
        if self.plan.order.form == "data":
            raise Invalid(
                _(
                    "“%(field)s” of record %(record)d is longer than a spreadsheet cell can hold (%(limit)d characters). "
                    "Export as CSV or JSON lines, which hold everything."
                )
                % {"field": field.label, "record": record, "limit": LONGEST}
            )
        return units[: 2 * (LONGEST - 1)].decode("utf-16-le", "ignore") + "…"


def _fits(number: int | Decimal) -> bool:
    return len(Decimal(number).as_tuple().digits) <= EXACT
