"""Groups of records and what they come to, column by column: there may be thousands, so each step is taken for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from operator import add
from typing import Any, NamedTuple

Values = tuple[Any, ...]


class Totals(NamedTuple):
    """Count and sums of one group, in the order in which they were asked for.

    Money is in hundredths of the company's currency.
    """

    number: int
    sums: tuple[int, ...]

    def plus(self, more: Totals) -> Totals:
        """Those of both."""
        return Totals(self.number + more.number, tuple(map(add, self.sums, more.sums)))


EMPTY = Totals(0, ())


class Groups(NamedTuple):
    """Groups that differ in at least one of their values; a column of each for the values and sums that were asked for."""

    values: tuple[Sequence[Any], ...]
    numbers: Sequence[int]
    sums: tuple[Sequence[int], ...]

    def items(self) -> Iterator[tuple[Values, Totals]]:
        """Group by group: its values and what it comes to."""
        size = len(self.numbers)
        return zip(rows(self.values, size), map(Totals, self.numbers, rows(self.sums, size)), strict=True)

    def under(self, values: Sequence[Sequence[Any]]) -> Groups:
        """The same groups under other values; those that have become one are put together."""
        size = len(self.numbers)
        if len(set(rows(values, size))) == size:
            return Groups(tuple(values), self.numbers, self.sums)
        return self._together(Groups(tuple(values), self.numbers, self.sums).items())

    def plus(self, more: Groups) -> Groups:
        """The groups of both; quickest where ``more`` are few, as what is shared one by one is beside what one owns."""
        added = dict(more.items())
        both = {values: place for place, values in enumerate(rows(self.values, len(self.numbers))) if values in added}
        counted = [list(column) for column in (self.numbers, *self.sums)]
        for values, place in both.items():
            totals = added.pop(values)
            for column, one in zip(counted, (totals.number, *totals.sums), strict=True):
                column[place] += one
        further = columns(added, len(self.values))
        counts = columns(((one.number, *one.sums) for one in added.values()), len(counted))
        numbers, *sums = ((*column, *new) for column, new in zip(counted, counts, strict=True))
        return Groups(
            tuple((*column, *new) for column, new in zip(self.values, further, strict=True)), numbers, tuple(sums)
        )

    def taken(self, order: Sequence[int]) -> Groups:
        """The groups in another order, by their places in this one."""
        numbers, *others = (list(map(one.__getitem__, order)) for one in (self.numbers, *self.values, *self.sums))
        return Groups(tuple(others[: len(self.values)]), numbers, tuple(others[len(self.values) :]))

    def whole(self) -> Totals:
        """What they come to in all."""
        return Totals(sum(self.numbers), tuple(map(sum, self.sums)))

    def _together(self, pairs: Iterable[tuple[Values, Totals]]) -> Groups:
        found: dict[Values, Totals] = {}
        for values, totals in pairs:
            found[values] = found[values].plus(totals) if values in found else totals
        numbers, added = columns(found.values(), 2)
        return Groups(columns(found, len(self.values)), numbers, columns(added, len(self.sums)))


def none(values: int, sums: int) -> Groups:
    """No groups, of so many values and sums each."""
    return Groups(columns((), values), (), columns((), sums))


def columns(lines: Iterable[Sequence[Any]], width: int) -> tuple[Sequence[Any], ...]:
    """The columns of a table; so many empty ones where it has no lines."""
    return tuple(zip(*lines, strict=True)) or ((),) * width


def rows(table: Sequence[Sequence[Any]], size: int) -> Iterator[Values]:
    """The lines of a table of so many; empty ones where it has no columns."""
    return zip(*table, strict=True) if table else repeat((), size)
