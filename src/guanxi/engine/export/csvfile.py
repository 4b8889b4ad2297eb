"""CSV as RFC 4180 says: UTF-8 with a byte order mark (spreadsheets need it), CRLF, quotes where needed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from guanxi.engine.export.order import Plan
from guanxi.engine.export.rows import batches
from guanxi.engine.export.safety import neutralise
from guanxi.engine.export.values import Cell, Cells, headings
from guanxi.schema.definition import FieldDefinition

MEDIA_TYPE = "text/csv; charset=utf-8"
BOM = b"\xef\xbb\xbf"


def write(plan: Plan, ids: Sequence[int]) -> Iterator[bytes]:
    """The file in pieces of at most 1,000 rows."""
    top = headings(plan.fields, plan.order.headings, plan.actor.language)
    yield BOM + _lines([[neutralise(text) for text in top]])
    cells = Cells(plan.actor, plan.order.form)
    for rows, labels in batches(plan, ids):
        yield _lines(
            [[str(row.id), *[_text(field, cells(field, row, labels), cells) for field in plan.fields]] for row in rows]
        )


def _text(field: FieldDefinition, cell: Cell, cells: Cells) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return field.kind.to_text(cell) if cells.data else field.display(cell, cells.reading)
    if isinstance(cell, str):
        return neutralise(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _lines(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode()
