"""How a file is built: kind, encoding, delimiter, sheet, the row that names the columns. Found out, open to correction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from guanxi.engine.importing import delimited, encoding, jsonrows, looks, spreadsheet, vcards
from guanxi.kernel.errors import Invalid

FORMATS = ("csv", "xlsx", "vcard", "jsonl")
NO_HEADER = -1
TOP = 25
"""The names of the columns stand within so many rows from the top."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is built."""

    format: str
    encoding: str = ""
    sure: bool = True
    """Whether the encoding is as good as certain."""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header: int = 0
    """Number of the record with the names of the columns, from 0; ``NO_HEADER`` where there is none."""
    first: int = 1
    """Number of the first record with values, from 0."""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "sheets": list(self.sheets)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Layout:
        """From what was kept."""
        return cls(**{**kept, "sheets": tuple(kept.get("sheets", ()))})


def detect(file: BinaryIO, known: Collection[str] = (), wanted: Mapping[str, Any] | None = None) -> Layout:
    """How the file is built; ``known`` are names that columns of the object go by, folded as :func:`looks.folded` does.

    ``wanted`` (``encoding``, ``delimiter``, ``sheet``, ``header`` counted from 1, 0 for none) overrides what is found.
    Raises :class:`Invalid` in words for what is no table.
    """
    wanted = {key: value for key, value in (wanted or {}).items() if value not in (None, "")}
    file.seek(0)
    head = file.read(512)
    if not head.strip():
        raise Invalid(_("The file is empty."))
    if spreadsheet.is_archive(head):
        names = spreadsheet.sheets(file)
        if not names:
            raise Invalid(_("The spreadsheet has no sheet with cells."))
        layout = Layout("xlsx", sheet=_chosen(wanted, names), sheets=tuple(names))
    elif vcards.is_card(head):
        layout = _of_text("vcard", file, wanted)
    elif jsonrows.is_json(head):
        layout = Layout("jsonl", encoding="utf-8")
    else:
        layout = _of_text("csv", file, wanted)
        layout = replace(layout, delimiter=_delimiter(file, layout.encoding, wanted))
    if layout.format in ("vcard", "jsonl"):
        return layout
    return _with_header(file, layout, known, wanted)


def records(file: BinaryIO, layout: Layout) -> Iterator[list[str]]:
    """Every record of the file, headings among them."""
    if layout.format == "xlsx":
        return spreadsheet.records(file, layout.sheet)
    if layout.format == "vcard":
        return vcards.records(file, layout.encoding)
    if layout.format == "jsonl":
        return jsonrows.records(file)
    return iter(delimited.Records(file, layout.encoding, layout.delimiter))


def _chosen(wanted: Mapping[str, Any], names: Sequence[str]) -> str:
    sheet = str(wanted.get("sheet", names[0]))
    if sheet not in names:
        raise Invalid(_("The file has no sheet “%(name)s”.") % {"name": sheet[:60]})
    return sheet


def _of_text(kind: str, file: BinaryIO, wanted: Mapping[str, Any]) -> Layout:
    if "encoding" in wanted:
        return Layout(kind, encoding.by_name(str(wanted["encoding"])))
    guess = encoding.detect(file)
    return Layout(kind, guess.name, guess.sure)


def _delimiter(file: BinaryIO, name: str, wanted: Mapping[str, Any]) -> str:
    if "delimiter" not in wanted:
        return delimited.find_delimiter(file, name)
    chosen = {"tab": "\t"}.get(str(wanted["delimiter"]), str(wanted["delimiter"]))
    if chosen not in delimited.DELIMITERS:
        raise Invalid(_("Cells are separated by a comma, a semicolon, a tab or a vertical bar."))
    return chosen


def _with_header(file: BinaryIO, layout: Layout, known: Collection[str], wanted: Mapping[str, Any]) -> Layout:
    top: list[list[str]] = []
    for record in records(file, layout):
        top.append(record)
        if len(top) >= 4 * TOP:
            break
    if "header" in wanted:
        number = _row_number(wanted["header"])
        if number == 0:
            return replace(layout, header=NO_HEADER, first=0)
        return replace(layout, header=number - 1, first=number)
    header = find_header(top, known)
    if header == NO_HEADER:
        return replace(layout, header=NO_HEADER, first=_first_wide(top))
    return replace(layout, header=header, first=header + 1)


def _row_number(value: Any) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Invalid(_("The row with the names of the columns is a whole number; 0 when there is none."))
    return int(text)


def find_header(top: Sequence[Sequence[str]], known: Collection[str] = ()) -> int:
    """The number of the record that names the columns, or ``NO_HEADER``.

    It is the first record about as wide as most, unless it holds what names never are: numbers, dates, addresses, nothing.
    Names that the object knows decide at once.
    """
    widths = [sum(1 for cell in record if cell.strip()) for record in top]
    filled = [width for width in widths if width]
    if not filled:
        return 0
    usual = _usual(filled)
    for number, record in enumerate(top[:TOP]):
        cells = [cell.strip() for cell in record if cell.strip()]
        if sum(1 for cell in cells if looks.folded(cell) in known) >= max(1, len(cells) // 3) and len(cells) >= 1:
            return number
        if len(cells) >= max(1, (usual + 1) // 2):
            return number if _could_name(cells, record) else NO_HEADER
    return NO_HEADER


def _could_name(cells: Sequence[str], record: Sequence[str]) -> bool:
    inner = [cell.strip() for cell in record]
    while inner and not inner[-1]:
        inner.pop()
    empty = sum(1 for cell in inner if not cell)
    if empty > len(inner) // 3 or len(set(cells)) < len(cells):
        return False
    return all(len(cell) <= 120 and looks.of(cell) == "text" and cell.upper() != "NULL" for cell in cells)


def _first_wide(top: Sequence[Sequence[str]]) -> int:
    """Where the values begin: lines above, such as a title, are narrower."""
    widths = [sum(1 for cell in record if cell.strip()) for record in top]
    usual = _usual([width for width in widths if width])
    return next((number for number, width in enumerate(widths) if 2 * width >= usual), 0)


def _usual(widths: Sequence[int]) -> int:
    """How many cells most rows have; the greater number where two are as frequent."""
    return max(Counter(widths).items(), key=lambda pair: (pair[1], pair[0]))[0]
