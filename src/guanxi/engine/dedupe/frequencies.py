"""How frequent a value is among the records, in a fixed amount of memory: agreeing on what everybody has says little."""

from __future__ import annotations

from array import array
from math import log2
from zlib import crc32

BITS = 20
_MASK = (1 << BITS) - 1
BESIDE = 256
"""So many records are assumed beside those counted, none of them with the value."""


class Frequencies:
    """Counts per sort of value, in a table of a million places; values that share a place count as one, which errs towards
    frequent and so towards caution."""

    def __init__(self) -> None:
        self.total = 0
        self._counts: dict[str, array[int]] = {}

    def add(self, sort: str, value: str) -> None:
        """Count a value."""
        counts = self._counts.get(sort)
        if counts is None:
            counts = self._counts[sort] = array("I", bytes(4 << BITS))
        counts[crc32(value.encode()) & _MASK] += 1

    def worth(self, sort: str, value: str, most: float) -> float:
        """Bits that agreeing on the value is worth: log2 of how rare it is, at most ``most``. Without counts, the most.

        The record that is compared does not count, and a few records say little about how rare a value is: they are taken as
        part of :data:`BESIDE` more.
        """
        counts = self._counts.get(sort)
        if counts is None or not self.total:
            return most
        others = max(counts[crc32(value.encode()) & _MASK] - 1, 1)
        return max(0.0, min(most, log2((self.total + BESIDE) / others)))
