"""What an object says about the counts and sums that are kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from guanxi.kernel.labels import Label

Period = Literal["", "day", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = ("day", "month", "quarter", "year")
MOST_PARTS, MOST_SUMS = 3, 2


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to group by: a field, and for dates the period that its days are put together in."""

    field: str
    period: Period = ""

    @property
    def text(self) -> str:
        """As it stands in an address: ``stage``, ``close_on:month``."""
        return f"{self.field}:{self.period}" if self.period else self.field


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure or chart of the briefing: the records that a typed query line finds, counted and added up.

    Without ``by`` it is one figure; with it, bars in the order of the groups, or with ``top`` the largest so many.
    ``before`` finds the records of the time before, to compare with; ``of`` those that it is a share of, by their number.
    """

    key: str
    label: Label
    query: str
    sum: str = ""
    by: Part | None = None
    top: int = 0
    before: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Counts and sums kept while records are written, so that nobody adds up a million records to read a report.

    Besides the fields of ``by`` (choices, lookups, months of dates; at most three) they are kept apart by owner, which is
    what most rights go by, and by currency. ``sums`` are at most two columns of whole numbers, such as money.
    """

    key: str
    by: tuple[Part, ...]
    sums: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        months = all(part.period in ("", "month") for part in self.by)
        if not (0 < len(self.by) <= MOST_PARTS and len(self.sums) <= MOST_SUMS and months):
            raise ValueError(f"The aggregate {self.key} asks for more than the table holds.")

    @property
    def shape(self) -> str:
        """What it is made of: kept sums of another shape are worth nothing."""
        return ",".join((*(part.text for part in self.by), "=", *self.sums))

    @property
    def fields(self) -> frozenset[str]:
        """The fields whose change changes it."""
        return frozenset({*(part.field for part in self.by), *self.sums, "owner", "currency"})
