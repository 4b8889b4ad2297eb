"""Cells as texts, whatever the file."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from guanxi.kernel.text import UNSTORABLE

Cell = str


class Numeral(str):
    """The text of a cell that held a number, not a text: its point is the decimal point, nothing needs to be found out."""

    __slots__ = ()


def as_cell(value: Any) -> Cell:
    """A value of a spreadsheet or of JSON as the text that every field reads; lists are joined by commas."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return Numeral(value)
    if isinstance(value, float):
        return Numeral(int(value) if value.is_integer() and abs(value) < 1e15 else repr(value))
    if isinstance(value, Decimal):
        return Numeral(f"{value:f}")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ",".join(as_cell(part) for part in value)
    return str(value)


def storable(text: str) -> str:
    """The text with a mark for what PostgreSQL cannot hold: NUL and lone halves of pairs."""
    return UNSTORABLE.sub("\ufffd", text)
