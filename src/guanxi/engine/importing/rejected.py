"""The rows that were not taken, as a file with a column that says why: corrected, it can be sent again the same way."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from itertools import chain

import xlsxwriter
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.export import csvfile, xlsxfile
from guanxi.engine.export.run import Export
from guanxi.engine.export.safety import neutralise
from guanxi.engine.importing import access
from guanxi.engine.importing.mapping import of_json
from guanxi.engine.importing.tables import Import, ImportRejection
from guanxi.kernel.errors import Invalid, NotFound

FORMATS = ("csv", "xlsx")
_PIECE = 65_536


def export(actor: Actor, import_id: int, form: str) -> Export:
    """The file; :class:`NotFound` where no row was refused or they have been removed by now."""
    found = access.get(actor, import_id)
    if form not in FORMATS:
        raise Invalid(
            _("This kind of file cannot be made. Choose from the list."), {"format": [_("Choose from the list.")]}
        )
    rows = ImportRejection.objects.filter(of=found).order_by("row", "pk")
    if not rows.exclude(cells=[]).exists():
        raise NotFound(_("No row of this import was rejected, or the rows have been removed since."))
    name = f"{_('rejected')}-{found.pk}.{form}"
    lines = _lines(found, rows.exclude(cells=[]).iterator(chunk_size=1000))
    number = rows.count()
    if form == "xlsx":
        return Export(name, xlsxfile.MEDIA_TYPE, number, _xlsx(lines))
    return Export(name, csvfile.MEDIA_TYPE, number, _csv(found, lines))


def _lines(found: Import, rows: Iterator[ImportRejection]) -> Iterator[list[str]]:
    """The names of the columns, then the cells of each row as they came; last the reasons."""
    names = [column["name"] for column in found.columns]
    yield [*names, _("Row in the file"), _("Why it was rejected")]
    for row in rows:
        reasons = []
        for one in row.reasons:
            where = names[one["column"]] if 0 <= one["column"] < len(names) else ""
            reasons.append(f"{where}: {one['message']}" if where else one["message"])
        yield [*row.cells, str(row.row), " ".join(reasons)]


def _csv(found: Import, lines: Iterator[list[str]]) -> Iterator[bytes]:
    """CSV that no spreadsheet executes; cells that carried an apostrophe of an export keep that one and get no other."""
    unquoted = of_json(found.mapping, [column["name"] for column in found.columns]).unquote
    separator = found.layout.get("delimiter") or ","
    yield csvfile.BOM
    for cells in lines:
        buffer = io.StringIO(newline="")
        safe = [cell if unquoted and cell.startswith("'") else neutralise(cell) for cell in cells]
        csv.writer(buffer, lineterminator="\r\n", delimiter=separator).writerow(safe)
        yield buffer.getvalue().encode()


def _xlsx(lines: Iterator[list[str]]) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(file, options)
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True, "bottom": 1})
        first = next(lines)
        for number, cells in enumerate(chain([first], lines)):
            if number >= xlsxfile.SHEET_ROWS:
                break
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number, column, cell[: xlsxfile.LONGEST], None if number else bold)
        sheet.set_column(0, max(0, len(first) - 2), 18)
        sheet.set_column(len(first) - 1, len(first) - 1, 60)
        book.close()
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
