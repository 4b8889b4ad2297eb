"""How dates and numbers of a column are written: found out over all its cells, and asked for where nothing decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from guanxi.engine.importing.cells import Numeral

_TIME = r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm|上午|下午)?)?$"
_YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?" + _TIME, re.IGNORECASE)
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})" + _TIME, re.IGNORECASE)
_WORD_INNER = re.compile(r"^(\d{1,2})[- ]([a-z]{3,9})\.?[-, ]+(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_WORD_FIRST = re.compile(r"^([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})" + _TIME, re.IGNORECASE)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_PIVOT = 69
"""Years of two digits up to it belong to this century, as in POSIX."""
_SEPARATED = re.compile(r"[.,]")
_BARE = re.compile(r"^[-+(]?[^\d.,+()-]{0,4}\s*[-+]?[\d.,'’\s\u00a0\u202f]*\d[\d.,'’\s\u00a0\u202f]*[^\d.,]{0,4}\)?$")


@dataclass(slots=True)
class DateEvidence:
    """What the cells of a column say about the order of day and month."""

    day_first: bool = False
    month_first: bool = False
    open: bool = False
    """Whether there are cells that do not tell."""
    examples: list[str] = field(default_factory=list)

    def add(self, texts: Iterable[str]) -> None:
        """Look at more cells."""
        for text in texts:
            match = _YEAR_LAST.match(text)
            if match is None:
                continue
            first, second = int(match.group(1)), int(match.group(2))
            if first > 12:
                self.day_first = True
            elif second > 12:
                self.month_first = True
            else:
                self.open = True
            if len(self.examples) < 3 and (first <= 12 >= second):
                self.examples.append(text)

    @property
    def order(self) -> str:
        """``ymd``, ``mdy`` or ``dmy``; empty where the cells do not decide it, or contradict each other."""
        if self.day_first and self.month_first:
            return ""
        if self.day_first or self.month_first:
            return "dmy" if self.day_first else "mdy"
        return "" if self.open else "ymd"


@dataclass(slots=True)
class NumberEvidence:
    """What the cells of a column say about the sign before the decimals."""

    point: bool = False
    comma: bool = False
    open: bool = False
    examples: list[str] = field(default_factory=list)

    def add(self, texts: Iterable[str]) -> None:
        """Look at more cells."""
        for text in texts:
            if type(text) is Numeral or not _SEPARATED.search(text):
                continue
            found = _decimal_sign(text)
            if found == "point":
                self.point = True
            elif found == "comma":
                self.comma = True
            elif found == "open":
                self.open = True
                if len(self.examples) < 3:
                    self.examples.append(text)

    @property
    def style(self) -> str:
        """``point`` or ``comma``; empty where the cells do not decide it, or contradict each other."""
        if self.point and self.comma:
            return ""
        if self.point or self.comma:
            return "point" if self.point else "comma"
        return "" if self.open else "point"


def _decimal_sign(text: str) -> str:
    """``point``, ``comma``, ``open`` (a single sign before exactly three digits tells nothing), or nothing."""
    bare = re.sub(r"[^\d.,]", "", text)
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return "comma" if bare.rfind(",") > bare.rfind(".") else "point"
    if points > 1 or commas > 1:
        return "comma" if points > 1 else "point"
    sign = "." if points else ","
    before, _sign, after = bare.partition(sign)
    if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
        return "open"
    if not points and not commas:
        return ""
    return "point" if points else "comma"


def read_number(text: str, style: str) -> Decimal:
    """The number meant; ``ValueError`` in words where it is none. Currency signs, units and blanks are left out."""
    if type(text) is Numeral:
        return _decimal(text)
    if not _BARE.match(text):
        raise ValueError(_("Enter a number."))
    negative = text.startswith("(") and text.endswith(")")
    bare = re.sub(r"[^\d.,+-]", "", text)
    grouping, sign = (",", ".") if style != "comma" else (".", ",")
    whole, _sign, decimals = bare.partition(sign)
    if grouping in decimals or not _grouped(whole, grouping):
        raise ValueError(_("This number is written in another way than the others of the column."))
    number = _decimal(whole.replace(grouping, "") + ("." + decimals if decimals else ""))
    return -number if negative else number


def _grouped(whole: str, grouping: str) -> bool:
    if grouping not in whole:
        return True
    first, *rest = whole.lstrip("+-").split(grouping)
    # Groups of four and of two are usual in some places; a last group of three digits, or four in Chinese, is not bent.
    return bool(first) and all(len(part) in (2, 3, 4) for part in rest) and len(rest[-1]) in (3, 4)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(_("Enter a number.")) from error
    if not number.is_finite():
        raise ValueError(_("Enter a number."))
    return number


def read_moment(text: str, order: str) -> date | datetime:
    """The day or the moment (without zone) meant; ``ValueError`` in words where it is none."""
    match = _YEAR_FIRST.match(text) or _COMPACT.match(text)
    if match is not None:
        year, month, day = (int(part) for part in match.groups()[:3])
    elif (match := _YEAR_LAST.match(text)) is not None:
        if order not in ("mdy", "dmy"):
            raise ValueError(_("This date is written in another way than the others of the column."))
        first, second = int(match.group(1)), int(match.group(2))
        month, day = (first, second) if order == "mdy" else (second, first)
        year = _century(match.group(3))
    elif (match := _WORD_INNER.match(text)) is not None:
        day, month, year = int(match.group(1)), _month(match.group(2)), _century(match.group(3))
    elif (match := _WORD_FIRST.match(text)) is not None:
        month, day, year = _month(match.group(1)), int(match.group(2)), int(match.group(3))
    else:
        raise ValueError(_("This is not a date."))
    try:
        found = date(year, month, day)
        clock = _clock(match.groups()[3:])
    except ValueError as error:
        raise ValueError(_("There is no such day or time.")) from error
    return found if clock is None else datetime.combine(found, clock)


def _century(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < _PIVOT else 1900)


def _month(word: str) -> int:
    month = _MONTHS.get(word[:3].lower())
    if month is None:
        raise ValueError(_("This is not a date."))
    return month


def _clock(parts: tuple[str | None, ...]) -> time | None:
    hour, minute, second, half = parts
    if hour is None or minute is None:
        return None
    number = int(hour)
    if half is not None:
        number = number % 12 + (12 if half.lower() in ("pm", "下午") else 0)
    return time(number, int(minute), int(second or 0))
