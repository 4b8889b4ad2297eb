"""Dates in files: the order of day and month is found out per column, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from guanxi.kernel.errors import Invalid

Order = Literal["ymd", "mdy", "dmy"]
ORDERS: tuple[Order, ...] = ("ymd", "mdy", "dmy")

_YEAR_FIRST = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")


def detect(values: Iterable[str], where: str, given: Order | None = None) -> Order:
    """The order of year, month and day in a column.

    Year first is plain. Year last is decided by a value over 12, or by ``given``; :class:`Invalid` where nothing decides or
    the column contradicts itself.
    """
    firsts: set[int] = set()
    seconds: set[int] = set()
    for value in values:
        if match := _YEAR_LAST.match(value):
            firsts.add(int(match.group(1)))
            seconds.add(int(match.group(2)))
    if not firsts:
        return "ymd"
    day_first, month_first = max(firsts) > 12, max(seconds) > 12
    if day_first and month_first:
        raise Invalid(
            _("The dates in %(where)s are written in two different ways. Make them alike first.") % {"where": where}
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if given in ("mdy", "dmy"):
        return given
    message = _(
        "In %(where)s it cannot be told whether the month or the day comes first. "
        "Say so with --date-format mdy (month first) or --date-format dmy (day first)."
    )
    raise Invalid(message % {"where": where})


def parse(value: str, order: Order) -> date:
    """The day meant; ``ValueError`` in words where it is none."""
    if match := _YEAR_FIRST.match(value):
        year, month, day = (int(part) for part in match.groups())
    elif (match := _YEAR_LAST.match(value)) and order != "ymd":
        first, second, year = (int(part) for part in match.groups())
        month, day = (first, second) if order == "mdy" else (second, first)
    else:
        raise ValueError(_("This is not a date."))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(_("There is no such day.")) from error
