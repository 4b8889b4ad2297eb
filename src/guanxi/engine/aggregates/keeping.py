"""Keeps the counts and sums in step with what is written. The write door calls it, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guanxi.engine.aggregates.tables import AggregateRow, AggregateState
from guanxi.kernel import bulk
from guanxi.schema.aggregates import MOST_PARTS, MOST_SUMS, Aggregate, Part
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

Values = Callable[[str], Any]
"""The stored values of a record, by field."""
Group = tuple[Any, ...]
Row = tuple[Any, ...]
NAMES = ("object", "aggregate", "owner", "currency", "one", "two", "three", "number", "first_sum", "second_sum")


def keep(kind: ObjectType, drafts: Sequence[Draft]) -> None:
    """Write down what the drafts, just stored, change of the counts and sums; nothing for records in the recycle bin."""
    found: list[Row] = []
    for aggregate in kind.declaration.aggregates:
        changes = _Changes(kind, aggregate)
        for draft in drafts:
            if not draft.created and not any(draft.changed(key) for key in aggregate.fields):
                continue
            if draft.record.deleted_at is None:
                changes.add(_now(kind, draft), 1)
                if draft.before is not None:
                    changes.add(_before(kind, draft, draft.before.stored), -1)
        found += changes.rows()
    bulk.insert_rows(AggregateRow, NAMES, found)


def binned(kind: ObjectType, drafts: Sequence[Draft], sign: int) -> None:
    """The records went into the recycle bin (-1) or came out of it (1)."""
    found: list[Row] = []
    for aggregate in kind.declaration.aggregates:
        changes = _Changes(kind, aggregate)
        for draft in drafts:
            changes.add(_now(kind, draft), sign)
        found += changes.rows()
    bulk.insert_rows(AggregateRow, NAMES, found)


def distrust(kind: ObjectType) -> None:
    """Read no kept sums of the object until they were compared with the records: something was written past the door."""
    if kind.declaration.aggregates:
        AggregateState.objects.filter(object=kind.key).update(built_at=None)


def attributes(kind: ObjectType) -> set[str]:
    """The columns that are looked at when a record changes."""
    keys = set().union(*(aggregate.fields for aggregate in kind.declaration.aggregates))
    return {kind.fields[key].attribute for key in keys if key in kind.fields}


def text_of(part: Part, stored: Any) -> str:
    """What records have in common in one part, as it is kept."""
    if stored is None:
        return ""
    return stored.isoformat()[:7] if part.period == "month" else str(stored)


def _now(kind: ObjectType, draft: Draft) -> Values:
    record = draft.record
    return lambda key: getattr(record, kind.fields[key].attribute) if key in kind.fields else None


def _before(kind: ObjectType, draft: Draft, stored: Mapping[str, Any]) -> Values:
    """As it was; what was not loaded is not changed either."""
    now = _now(kind, draft)

    def read(key: str) -> Any:
        attribute = kind.fields[key].attribute if key in kind.fields else ""
        return stored[attribute] if attribute in stored else now(key)

    return read


class _Changes:
    """What changes of one aggregate, summed up by group."""

    def __init__(self, kind: ObjectType, aggregate: Aggregate) -> None:
        self._kind = kind
        self._aggregate = aggregate
        self._groups: dict[Group, list[int]] = {}

    def add(self, values: Values, sign: int) -> None:
        """One record more, or one less."""
        texts = [text_of(part, values(part.field)) for part in self._aggregate.by]
        texts += [""] * (MOST_PARTS - len(texts))
        sums = self._groups.setdefault((values("owner") or 0, values("currency") or "", *texts), [0] * (1 + MOST_SUMS))
        sums[0] += sign
        for place, key in enumerate(self._aggregate.sums, 1):
            sums[place] += sign * (values(key) or 0)

    def rows(self) -> list[Row]:
        """For the table, as far as anything changes."""
        head = (self._kind.key, self._aggregate.key)
        return [(*head, *group, *sums) for group, sums in self._groups.items() if any(sums)]
