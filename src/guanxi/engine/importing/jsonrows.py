"""JSON lines: one object per line, as the export writes them and as the API takes rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from guanxi.engine.importing import limits
from guanxi.engine.importing.cells import as_cell
from guanxi.engine.importing.delimited import too_many_columns
from guanxi.kernel.errors import Invalid


def is_json(head: bytes) -> bool:
    """Whether a file begins like an object of JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"')


def names(file: BinaryIO) -> list[str]:
    """The keys of the objects, in the order in which they appear; of the first rows, as later ones rarely bring new ones."""
    found: dict[str, None] = {}
    for number, (_line, row) in enumerate(_rows(file)):
        found.update(dict.fromkeys(row))
        if len(found) > limits.COLUMNS:
            raise too_many_columns()
        if number >= limits.SAMPLE_ROWS:
            break
    return list(found)


def records(file: BinaryIO) -> Iterator[list[str]]:
    """The keys, then the values of each object in that order."""
    keys = names(file)
    yield keys
    for number, row in _rows(file):
        cells = []
        for key in keys:
            value = row.get(key)
            if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(x, dict | list) for x in value)):
                raise _broken(number)
            cells.append(as_cell(value))
        yield cells


def _rows(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline=None)
    number = 0
    try:
        while line := text.readline(limits.LINE + 1):
            number += 1
            if len(line) > limits.LINE:
                raise Invalid(_("Line %(line)d is longer than %(limit)d.") % {"line": number, "limit": limits.LINE})
            if line.strip():
                yield number, _object(line, number)
    except UnicodeDecodeError as error:
        raise _broken(number + 1) from error
    finally:
        text.detach()


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_float=_plain)
    except (ValueError, RecursionError) as error:
        raise _broken(number) from error
    if not isinstance(row, dict):
        raise _broken(number)
    return row


def _plain(text: str) -> Any:
    from decimal import Decimal

    return Decimal(text)


def _broken(number: int) -> Invalid:
    message = _('Line %(line)d is not one flat JSON object in UTF-8, such as {"name": "…"}. Nothing was read.')
    return Invalid(message % {"line": number})
