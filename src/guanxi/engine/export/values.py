"""Values as cells: numbers, days and moments keep their type, everything else is text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from markupsafe import Markup

from guanxi.access.actor import Actor
from guanxi.engine.shapes import Labels, Row
from guanxi.kernel import money
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.kinds.computed import RollUpMoney
from guanxi.schema.kinds.numeric import Money, Number

Cell = str | int | Decimal | bool | date | datetime | None
UNSEEN = "•••"
"""Stands for a record that the reader may not see, as in lists."""


class Cells:
    """Makes the cells of one export. A :class:`datetime` is without zone, in the person's own."""

    def __init__(self, actor: Actor, form: str) -> None:
        self.actor = actor
        self.data = form == "data"
        self.reading = actor.reading()

    def __call__(self, field: FieldDefinition, row: Row, labels: Labels) -> Cell:
        """The value of a field; ``None`` when it is empty."""
        value = row.values.get(field.key)
        if value is None or value == "" or value == ():
            return None
        if field.key in row.masked:
            return str(value)
        kind = field.kind
        if isinstance(kind, Money | RollUpMoney):
            return money.to_decimal(value)
        if isinstance(kind, Number) or isinstance(value, bool) or kind.name == "date":
            return cast("bool | int | Decimal | date", value)
        if self.data:
            return value if kind.family == "lookup" else kind.to_text(value)
        return self._shown(field, value, labels)

    def _shown(self, field: FieldDefinition, value: Any, labels: Labels) -> Cell:
        family = field.kind.family
        if family == "datetime":
            moment: datetime = value.astimezone(self.actor.zone)
            return moment.replace(tzinfo=None, microsecond=0)
        if family == "lookup":
            return labels.get((field.spec.target, value), UNSEEN)
        if family == "links":
            names = [labels.get((field.spec.target, pk), UNSEEN) for pk in value]
            return ("、" if self.reading.language.startswith("zh") else ", ").join(names)
        if family == "reference":
            key, _colon, number = str(value).partition(":")
            return labels.get((key, int(number)), UNSEEN)
        if field.kind.name == "rich_text":
            return str(Markup(value).striptags())  # noqa: S704 - only its text is used
        return field.display(value, self.reading)


def headings(fields: Sequence[FieldDefinition], style: str, language: str) -> list[str]:
    """The first line of a file: Id, then one heading per field; equal labels are told apart by their keys."""
    if style == "keys":
        return ["id", *[field.key for field in fields]]
    labels = [field.label.text(language) for field in fields]
    return [
        "Id",
        *[
            f"{label} ({field.key})" if labels.count(label) > 1 else label
            for label, field in zip(labels, fields, strict=True)
        ],
    ]
