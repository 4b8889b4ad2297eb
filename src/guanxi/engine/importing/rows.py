"""The rows of a file, batch by batch, and a first look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from guanxi.engine.importing import layout as layouts
from guanxi.engine.importing import limits, looks
from guanxi.engine.importing.layout import Layout

EXAMPLES = 3


@dataclass(slots=True)
class Batch:
    """Some rows of a file."""

    numbers: list[int] = field(default_factory=list)
    """The number of each row in the file, as a spreadsheet shows it: from 1, headings and empty lines counted."""
    cells: list[list[str]] = field(default_factory=list)
    """As many cells in each row as the file has columns."""
    surplus: dict[int, int] = field(default_factory=dict)
    """How many cells stood beyond the last column, by place in the batch."""

    def column(self, index: int) -> list[str]:
        """The cells of one column."""
        return [row[index] for row in self.cells]


@dataclass(frozen=True, slots=True)
class Column:
    """One column at first sight."""

    name: str
    examples: tuple[str, ...]
    look: str
    filled: int
    """Cells of the sample that are not empty."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A file at first sight."""

    columns: tuple[Column, ...]
    rows: int
    whole: bool
    """Whether these are all the rows."""
    sample: list[list[str]]


def batches(file: BinaryIO, layout: Layout, width: int, size: int = limits.BATCH) -> Iterator[Batch]:
    """The rows with values, in batches; rows without any cell are left out."""
    records = enumerate(layouts.records(file, layout), start=1)
    batch = Batch()
    numbers, cells = batch.numbers, batch.cells
    for number, row in islice(records, layout.first, None):
        if len(row) != width:
            if not any(row):
                continue
            if len(row) < width:
                row = [*row, *[""] * (width - len(row))]
            else:
                beyond = sum(1 for cell in row[width:] if cell.strip())
                row = row[:width]
                if beyond:
                    batch.surplus[len(cells)] = beyond
        elif not any(row):
            continue
        numbers.append(number)
        cells.append(row)
        if len(cells) == size:
            yield batch
            batch = Batch()
            numbers, cells = batch.numbers, batch.cells
    if cells:
        yield batch


def look(file: BinaryIO, layout: Layout) -> Sight:
    """The columns with examples, and the rows of a sample; all of them where the file is small."""
    heading: list[str] = []
    sample: list[list[str]] = []
    whole = True
    width = 0
    cells = 0
    for number, record in enumerate(layouts.records(file, layout)):
        if number == layout.header:
            heading = [cell.strip() for cell in record]
            width = len(heading)
        elif number >= layout.first and any(record):
            sample.append(record)
            cells += len(record)
            if len(sample) > limits.SAMPLE_ROWS or cells > limits.SAMPLE_CELLS:
                whole = False
                break
    if not heading:
        width = max((len(record) for record in sample), default=0)
    while heading and not heading[-1] and not any(len(row) >= len(heading) and row[-1] for row in sample[:1000]):
        heading.pop()
        width -= 1
    names = _names(heading, width)
    columns = tuple(
        _column(name, [row[index] for row in sample if index < len(row)]) for index, name in enumerate(names)
    )
    return Sight(columns, len(sample), whole, sample)


def _column(name: str, cells: Sequence[str]) -> Column:
    filled = [text for cell in cells if (text := cell.strip())]
    examples = list(dict.fromkeys(text[:80] for text in islice(filled, 200)))[:EXAMPLES]
    return Column(name, tuple(examples), looks.usual(filled[:500]), len(filled))


def _names(heading: Sequence[str], width: int) -> list[str]:
    """The names of the columns, each different; letters as in a spreadsheet where a name is missing."""
    names: list[str] = []
    for index in range(width):
        name = heading[index][:200] if index < len(heading) and heading[index] else _letters(index)
        count = 2
        unique = name
        while unique in names:
            unique, count = f"{name} ({count})", count + 1
        names.append(unique)
    return names


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
