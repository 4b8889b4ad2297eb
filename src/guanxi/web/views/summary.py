"""The summary of a list: its records counted and added up by what they have in common, each figure a link to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query, replicas, summaries
from guanxi.engine.query import Tree, both
from guanxi.engine.summaries import Line, Summary
from guanxi.kernel import money
from guanxi.schema.aggregates import Part
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.kind import Reading
from guanxi.schema.kinds.numeric import Money
from guanxi.web import addresses
from guanxi.web.listing import ListState

MOST = 2000
"""Groups on a page."""
WIDE = 13
"""So many columns a table across can have; with more, every group has a row of its own."""


@dataclass(frozen=True)
class Figure:
    """One number: as it is read, where it leads, and how large it is beside the largest (0–100)."""

    text: str
    href: str = ""
    share: int = 0


@dataclass(frozen=True)
class Row:
    """One row: what it stands for, and its figures."""

    labels: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """A summary as it is drawn."""

    heads: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[Figure, ...]
    across: str = ""
    """What the columns stand for and the cells say, where the columns are the values of the last part."""


def content(actor: Actor, state: ListState) -> dict[str, Any]:
    """The summary that the address asks for, or the object's own: by what its board shows, with the amount."""
    kind = state.kind
    offered, numbers = summaries.groupable(actor, kind), summaries.summable(actor, kind)
    parts = _parts(actor, kind, state.by, offered)
    keys = _keys(kind, state, numbers)
    with replicas.reading() as behind:
        found = summaries.summarise(actor, kind.key, state.tree, parts, keys, most=MOST)
    return {
        "summary": found,
        "behind": behind,
        "table": _across(actor, state, found) if len(parts) > 1 and _narrow(found) else _down(actor, state, found),
        "total": found.totals.number,
        "offered": offered,
        "numbers": numbers,
        "chosen": [*parts, *[None] * (3 - len(parts))],
        "added": keys,
        "periods": {"day": _("Day"), "month": _("Month"), "quarter": _("Quarter"), "year": _("Year")},
        "dated": {field.key for field in offered if field.kind.family in ("date", "datetime")},
    }


def _parts(actor: Actor, kind: ObjectType, text: str, offered: Sequence[FieldDefinition]) -> tuple[Part, ...]:
    wanted = [one for one in text.split(",") if one.strip()]
    if not wanted:
        known = [field.key for field in offered]
        board = kind.board.group if kind.board else ""
        listed = [key for key in (board, "status", "owner", *kind.declaration.list_columns, *known) if key in known]
        wanted = listed[:1]
    return tuple(dict.fromkeys(summaries.part_of(actor, kind, one) for one in wanted))


def _keys(kind: ObjectType, state: ListState, numbers: Sequence[FieldDefinition]) -> tuple[str, ...]:
    if "sum" in state.parameters or state.summed:
        return tuple(key for key in state.summed.split(",") if key)
    amount = kind.board.amount if kind.board else ""
    return (amount,) if amount in {field.key for field in numbers} else ()


def _narrow(found: Summary) -> bool:
    return len(found.names[-1]) <= WIDE


class _Measure:
    """What a cell says of the records of its lines: what the first field comes to, or else how many they are."""

    def __init__(self, actor: Actor, found: Summary) -> None:
        self.reading = _reading(actor, found)
        self._field = found.sums[0] if found.sums else None
        self._largest = max((abs(self.of([line])) for line in found.lines()), default=0) or 1

    def of(self, lines: Iterable[Line]) -> int:
        """The number itself."""
        return sum(line.sums[0] if self._field else line.number for line in lines)

    def figure(self, lines: Sequence[Line], href: str = "") -> Figure:
        """The number as it is read; of one line, with its share of the largest."""
        value = self.of(lines)
        share = round(100 * abs(value) / self._largest) if len(lines) == 1 and href else 0
        text = self._field.display(value, self.reading) if self._field else f"{value:,}"
        return Figure(text, href, share)


def _down(actor: Actor, state: ListState, found: Summary) -> Table:
    """One row per group: how many, and what they come to, with a bar for the first of these."""
    measure = _Measure(actor, found)
    rows = []
    for line in found.lines():
        href = _href(state, found.conditions(line))
        figures = [Figure(f"{line.number:,}", href)] if found.sums else []
        figures.append(measure.figure([line], href))
        figures += [Figure(text, href) for text in _sums(measure.reading, found, line.sums)[1:]]
        rows.append(Row(found.labels(line), tuple(figures)))
    whole = [Figure(f"{found.totals.number:,}"), *map(Figure, _sums(measure.reading, found, found.totals.sums))]
    columns = (_("Number"), *(str(field.label) for field in found.sums))
    return Table(_heads(found), columns, tuple(rows), tuple(whole))


def _across(actor: Actor, state: ListState, found: Summary) -> Table:
    """The values of the last part as columns, what they come to in the cells, and a total for each row and column."""
    measure = _Measure(actor, found)
    cells: dict[tuple[str, ...], dict[str, Line]] = {}
    for line in found.lines():
        cells.setdefault(line.values[:-1], {})[line.values[-1]] = line
    columns = found.names[-1]
    rows = []
    for held in cells.values():
        lines = list(held.values())
        figures = [
            measure.figure([held[value]], _href(state, found.conditions(held[value]))) if value in held else Figure("")
            for value in columns
        ]
        figures.append(measure.figure(lines, _href(state, found.conditions(lines[0])[:-1])))
        rows.append(Row(found.labels(lines[0])[:-1], tuple(figures)))
    below = [[held[value] for held in cells.values() if value in held] for value in columns]
    totals = (*(measure.figure(lines) for lines in below), measure.figure(found.lines()))
    heads = _heads(found)
    said = str(found.sums[0].label) if found.sums else _("Number")
    return Table(heads[:-1], (*columns.values(), _("Total")), tuple(rows), totals, f"{heads[-1]} · {said}")


def _heads(found: Summary) -> tuple[str, ...]:
    return tuple(str(field.label) for field in found.by)


def _sums(reading: Reading, found: Summary, numbers: Sequence[int]) -> list[str]:
    return [field.display(number, reading) for field, number in zip(found.sums, numbers, strict=True)]


def _reading(actor: Actor, found: Summary) -> Reading:
    """How the figures are read: of amounts that stand below each other, all have decimals, or none has."""
    columns = zip(found.sums, found.groups.sums, strict=True)
    amounts = (amount for field, column in columns if isinstance(field.kind, Money) for amount in column)
    cents = any(amount % money.SCALE for amount in amounts)
    return replace(actor.reading(settings.GUANXI_CURRENCY), cents=cents)


def _href(state: ListState, conditions: Iterable[Tree]) -> str:
    """The list of the records behind a figure."""
    tree = state.tree
    for condition in conditions:
        tree = both(tree, condition)
    return addresses.listing(state.kind.key, q=query.format(tree) if tree else "")
