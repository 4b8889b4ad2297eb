"""One pass over the whole file before anything is written: how many rows, how dates and numbers are written, which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from guanxi.engine.importing import limits
from guanxi.engine.importing.formats import DateEvidence, NumberEvidence
from guanxi.engine.importing.layout import Layout
from guanxi.engine.importing.mapping import DATES, NUMBERS, ColumnPlan, ImportMapping
from guanxi.engine.importing.notebook import Notebook
from guanxi.engine.importing.rows import batches
from guanxi.engine.importing.values import ColumnReader
from guanxi.schema.definition import ObjectType

Formats = dict[int, str]
"""By number of the column: how its dates or numbers are written."""


@dataclass(frozen=True, slots=True)
class Question:
    """A column whose dates or numbers can be read in two ways."""

    column: int
    field: str
    what: str
    """``date`` or ``number``."""
    examples: tuple[str, ...]
    contradicts: bool
    """Whether its cells are written in both ways; those in the other way will be refused."""

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as the API gives it."""
        choices = [one for one in (DATES if self.what == "date" else NUMBERS) if one != "ymd"]
        return {
            **{"column": self.column, "field": self.field, "what": self.what, "examples": list(self.examples)},
            **{"contradicts": self.contradicts, "choices": choices},
        }


@dataclass(slots=True)
class Scan:
    """What the pass found."""

    rows: int = 0
    formats: Formats = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)


def formatted(kind: ObjectType, mapping: ImportMapping) -> dict[int, str]:
    """The columns whose cells have a format, with ``date`` or ``number``."""
    found = {}
    for plan in mapping.used:
        family = kind.fields[plan.field].kind.family if plan.field in kind.fields else "number"
        if family in ("date", "datetime"):
            found[plan.column] = "date"
        elif family == "number" and plan.field in kind.fields:
            found[plan.column] = "number"
    return found


def settle(kind: ObjectType, mapping: ImportMapping, evidence: Mapping[int, DateEvidence | NumberEvidence]) -> Scan:
    """The formats as chosen or found out, and the questions left."""
    scan = Scan()
    for plan in mapping.used:
        found = evidence.get(plan.column)
        if found is None:
            continue
        dates = isinstance(found, DateEvidence)
        given = plan.date if dates else plan.number
        own = found.order if isinstance(found, DateEvidence) else found.style
        if chosen := given or own:
            scan.formats[plan.column] = chosen
            continue
        both = found.day_first and found.month_first if isinstance(found, DateEvidence) else found.point and found.comma
        what = "date" if dates else "number"
        scan.questions.append(Question(plan.column, plan.field, what, tuple(found.examples), both))
    return scan


def scan(
    file: BinaryIO, layout: Layout, width: int, kind: ObjectType, mapping: ImportMapping, titles: Notebook | None = None
) -> Scan:
    """Read the file once. ``titles`` takes what the rows call their own records, for rows that name each other."""
    asked = formatted(kind, mapping)
    readers = {plan.column: _texts_of(plan, mapping) for plan in mapping.used if plan.column in asked}
    evidence: dict[int, DateEvidence | NumberEvidence] = {
        column: DateEvidence() if what == "date" else NumberEvidence() for column, what in asked.items()
    }
    named = [plan for plan in mapping.used if plan.field in _names_of(kind)] if titles is not None else []
    rows = 0
    for batch in batches(file, layout, width, limits.BATCH):
        rows += len(batch.cells)
        for column, reader in readers.items():
            evidence[column].add(dict.fromkeys(reader.texts(batch.column(column))))
        if titles is not None:
            for plan in named:
                titles.add(filter(None, _texts_of(plan, mapping).texts(batch.column(plan.column))))
    found = settle(kind, mapping, evidence)
    found.rows = rows
    return found


def names_itself(kind: ObjectType, mapping: ImportMapping) -> bool:
    """Whether rows of the file may point to records that other rows of it make."""
    return any(
        kind.fields[plan.field].kind.family == "lookup" and kind.fields[plan.field].spec.target == kind.key
        for plan in mapping.used
        if plan.field in kind.fields
    )


def _names_of(kind: ObjectType) -> tuple[str, ...]:
    return (kind.title.key, kind.declaration.title_en, "external_id")


def _texts_of(plan: ColumnPlan, mapping: ImportMapping) -> ColumnReader:
    return ColumnReader(plan, None, mapping, lambda text: text)
