"""Groups column by column give what a dictionary of them gives."""

from __future__ import annotations

import random
from typing import Any

from guanxi.engine.groups import Groups, Totals, columns, none

Table = dict[tuple[Any, ...], Totals]


def groups(table: Table, values: int) -> Groups:
    numbers, sums = columns(table.values(), 2)
    return Groups(columns(table, values), numbers, columns(sums, 2))


def added(*tables: list[tuple[tuple[Any, ...], Totals]]) -> Table:
    found: Table = {}
    for values, totals in (pair for table in tables for pair in table):
        number, (one, two) = found.get(values, (0, (0, 0)))
        found[values] = Totals(number + totals.number, (one + totals.sums[0], two + totals.sums[1]))
    return found


def some(dice: random.Random, values: int) -> Table:
    keys = [tuple(dice.choice("abcdef") for _place in range(values)) for _number in range(dice.randrange(12))]
    return {key: Totals(dice.randrange(9), (dice.randrange(-9, 9), dice.randrange(10**18))) for key in keys}


def test_groups_are_added_renamed_ordered_and_summed() -> None:
    dice = random.Random(6)
    for _round in range(200):
        width = dice.randrange(4)
        first, second = some(dice, width), some(dice, width)
        one, two = groups(first, width), groups(second, width)
        assert list(one.items()) == list(first.items())
        assert dict(one.plus(two).items()) == added(list(first.items()), list(second.items()))
        upper = [["x" if value < "d" else value for value in column] for column in one.values]
        renamed = [(tuple("x" if value < "d" else value for value in key), each) for key, each in first.items()]
        assert dict(one.under(upper).items()) == added(renamed)
        order = dice.sample(range(len(first)), len(first))
        assert list(one.taken(order).items()) == [list(first.items())[place] for place in order]
        assert one.whole() == Totals(
            sum(each.number for each in first.values()),
            (sum(each.sums[0] for each in first.values()), sum(each.sums[1] for each in first.values())),
        )


def test_no_groups_keep_their_columns() -> None:
    empty = none(2, 1)
    assert empty == Groups(((), ()), (), ((),))
    assert empty.whole() == Totals(0, (0,))
    assert empty.plus(empty) == empty == empty.under([(), ()])
    table = {("a", "b"): Totals(1, (2,))}
    assert dict(empty.plus(Groups((("a",), ("b",)), (1,), ((2,),))).items()) == table
    assert list(none(0, 0).items()) == []
    assert list(Groups((), (3,), ()).items()) == [((), Totals(3, ()))]
