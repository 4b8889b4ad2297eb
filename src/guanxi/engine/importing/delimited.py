"""Text files of rows and cells: CSV, TSV and their relatives."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext as _

from guanxi.engine.importing import limits
from guanxi.engine.importing.encoding import wrong_encoding
from guanxi.kernel.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 200
_BOM = "\ufeff"


class Records:
    """The records of a text file, one after the other, in bounded memory."""

    def __init__(self, file: BinaryIO, encoding: str, delimiter: str) -> None:
        file.seek(0)
        self._encoding = encoding
        self._text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
        self._delimiter = delimiter
        self._length = 0
        """Characters read since the last record was given out."""

    def __iter__(self) -> Iterator[list[str]]:
        csv.field_size_limit(limits.CELL)
        reader = csv.reader(self._lines(), delimiter=self._delimiter)
        try:
            for cells in reader:
                self._length = 0
                if len(cells) > limits.COLUMNS:
                    raise too_many_columns()
                yield cells
        except csv.Error as error:
            raise self._broken(reader.line_num, str(error)) from error
        except UnicodeDecodeError as error:
            raise wrong_encoding(self._encoding) from error
        finally:
            self._text.detach()

    def _lines(self) -> Iterator[str]:
        read, longest, most = self._text.readline, limits.LINE, limits.COLUMNS
        line = read(longest + 1).removeprefix(_BOM)
        while line:
            self._length += len(line)
            if self._length > longest:
                raise Invalid(
                    _(
                        "A row of the file is longer than %(limit)d characters. Perhaps a quotation mark is never closed."
                    )
                    % {"limit": longest}
                )
            # Counted before it is taken apart, which would cost a hundred times the memory.
            if '"' not in line and line.count(self._delimiter) >= most:
                raise too_many_columns()
            yield line
            line = read(longest + 1)

    @staticmethod
    def _broken(line: int, said: str) -> Invalid:
        if "field larger" in said:
            message = _("A cell near line %(line)d is longer than %(limit)d characters. Shorten it and try again.")
            return Invalid(message % {"line": line, "limit": limits.CELL})
        message = _("The file cannot be read as a table near line %(line)d: %(error)s")
        return Invalid(message % {"line": line, "error": said})


def too_many_columns() -> Invalid:
    """The refusal of a file that is too wide."""
    message = _("The file has more than %(limit)d columns. Leave out those you do not need and send it again.")
    return Invalid(message % {"limit": limits.COLUMNS})


def find_delimiter(file: BinaryIO, encoding: str) -> str:
    """What separates the cells: that which gives the most rows the same number of cells, more than one of them."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths: list[int] = []
        try:
            for cells in Records(file, encoding, delimiter):
                if any(cells):
                    widths.append(len(cells))
                if len(widths) >= _LOOKED_AT:
                    break
        except Invalid:
            if not widths:
                continue
        width, rows = Counter(widths).most_common(1)[0] if widths else (1, 0)
        score = rows / len(widths) * (1 + min(width, 20) / 100) if width > 1 else 0.0
        if score > best_score + 0.01:
            best, best_score = delimiter, score
    return best
