"""Thinning the field history: several changes of one record become one that says the same from first to last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.journal.redaction import is_redacted

Changes = dict[str, list[Any]]


def fold(earlier: Mapping[str, list[Any]], later: Mapping[str, list[Any]]) -> Changes:
    """One change with the effect of both: the first value before, the last value after.

    Whoever goes back over it comes to the values before the earlier one, and whoever goes forward to those after the later
    one. A field that ends as it began is left out, unless its values were taken out: nobody knows whether they were equal.
    """
    folded: Changes = {key: list(sides) for key, sides in earlier.items()}
    for key, (before, after) in later.items():
        folded[key] = [folded[key][0] if key in folded else before, after]
    return {key: sides for key, sides in folded.items() if sides[0] != sides[1] or is_redacted(sides[0])}
