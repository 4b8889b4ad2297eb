"""From pairs to groups: who is the same as somebody is the same as whoever that one is the same as, within reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST = 10
"""So many records make a group at most: so many are merged at once. A longer chain is cut at its weakest links."""


@dataclass
class Group:
    """Records that are the same, with the pairs that say so."""

    members: set[int]
    pairs: list[tuple[int, int, float, Any]] = field(default_factory=list)

    @property
    def score(self) -> float:
        """The score of the weakest link that was needed."""
        return min(pair[2] for pair in self.pairs)


def grouped(pairs: Sequence[tuple[int, int, float, Any]], apart: Collection[tuple[int, int]]) -> list[Group]:
    """Groups of the pairs (low, high, score, evidence), strongest links first; two records that somebody found to be
    different (``apart``, low before high) never come into one group."""
    where: dict[int, Group] = {}
    apart = frozenset(apart)
    for pair in sorted(pairs, key=lambda one: (-one[2], one[0], one[1])):
        low, high = pair[:2]
        first = where.get(low) or Group({low})
        second = where.get(high) or Group({high})
        if first is second:
            continue
        if len(first.members) + len(second.members) > MOST or _divided(first, second, apart):
            continue
        joined = Group(first.members | second.members, [*first.pairs, *second.pairs, pair])
        where |= dict.fromkeys(joined.members, joined)
    return list({id(group): group for group in where.values() if len(group.members) > 1}.values())


def _divided(first: Group, second: Group, apart: Collection[tuple[int, int]]) -> bool:
    if not apart:
        return False
    return any((min(a, b), max(a, b)) in apart for a in first.members for b in second.members)
