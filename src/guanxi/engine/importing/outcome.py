"""What becomes of the rows of one batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

LATE = frozenset(("refused", "several", "exists", "unknown", "no_key", "closed", "left_empty"))
"""Reasons that are found after the key of a row has been noted."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is not taken: a kind of problem, where, and in words. ``column`` is -1 where no column is to blame."""

    code: str
    column: int
    field: str
    text: str
    message: str


@dataclass(slots=True)
class Row:
    """One row on its way."""

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    later: dict[str, str] = field(default_factory=dict)
    """Lookups to records that other rows of the file make, by field."""
    record: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Row] = field(default_factory=list)
    later: list[Row] = field(default_factory=list)
    owners: Counter[int] = field(default_factory=Counter)
    """How many records became those of other people."""
