"""From the cells of a column to values: each different text is read once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from guanxi.engine.export.safety import restore
from guanxi.engine.importing import formats
from guanxi.engine.importing.mapping import ColumnPlan, ImportMapping
from guanxi.kernel import money
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.kinds.numeric import Money
from guanxi.schema.kinds.structured import HIDDEN

KNOWN = 20_000
"""So many texts of a column are remembered with what they mean."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A text that could not be read, as a kind of problem and in words."""

    code: str
    message: str


Read = Callable[[str], Any]


class ColumnReader:
    """Reads the cells of one column that fills a plain field."""

    def __init__(self, plan: ColumnPlan, field: FieldDefinition | None, mapping: ImportMapping, read: Read) -> None:
        self.plan = plan
        self.field = field
        self._unquote = mapping.unquote
        self._aliases = {word: "" for word in mapping.empty} | dict(plan.aliases)
        self._read = read
        self._known: dict[str, Any] = {}

    def texts(self, cells: Sequence[str]) -> list[str]:
        """The cells as they are meant: without what the export put before them, without blanks around, aliases followed."""
        if self._unquote:
            cells = [restore(cell) if cell[:1] == "'" else cell for cell in cells]
        texts = [cell if not cell[:1].isspace() and not cell[-1:].isspace() else cell.strip() for cell in cells]
        if self._aliases:
            aliases = self._aliases
            texts = [aliases.get(text, text) for text in texts]
        return texts

    def values(self, texts: Sequence[str]) -> dict[str, Any]:
        """What each different text means; :class:`Unread` where it means nothing. Empty texts are left out."""
        known = self._known
        wanted = set(texts)
        if len(known) + len(wanted) > KNOWN:
            known.clear()
        for text in wanted:
            if text and text not in known:
                known[text] = self._meant(text)
        return known

    def _meant(self, text: str) -> Any:
        try:
            value = self._read(text)
            if (
                value is not None
                and self.field is not None
                and (problem := self.field.kind.check(value, self.field.spec))
            ):
                return Unread("check", problem)
            return value
        except ValueError as error:
            return Unread(self._code(), str(error))

    def _code(self) -> str:
        if self.field is None:
            return "number"
        family = self.field.kind.family
        return {"choices": "choice", "datetime": "date", "text": "check", "none": "check"}.get(family, family)


def reading(plan: ColumnPlan, field: FieldDefinition, date_order: str, number_style: str) -> Read:
    """How the texts of a plain field are read, with the formats settled."""
    kind, spec = field.kind, field.spec
    if kind.family in ("date", "datetime"):
        return _moments(field, date_order)
    if kind.family == "number":
        return _numbers(field, number_style, Decimal(plan.scale) if plan.scale else None)
    if kind.name == "boolean":
        return lambda text: _boolean(field, text)
    if kind.family in ("choice", "choices"):
        return lambda text: _choice(field, text)
    if kind.name == "encrypted":
        return lambda text: None if text == HIDDEN else kind.parse(text, spec)
    return lambda text: kind.parse(text, spec)


def _moments(field: FieldDefinition, order: str) -> Read:
    parse, spec = field.kind.parse, field.spec

    def read(text: str) -> Any:
        if field.kind.family == "datetime" and text.endswith(("Z", "00", "30", "45")) and (aware := _aware(text)):
            return parse(aware, spec)
        found: date | datetime = formats.read_moment(text, order)
        if field.kind.family == "date" and isinstance(found, datetime):
            found = found.date()
        return parse(found, spec)

    return read


def _aware(text: str) -> datetime | None:
    """A moment with its offset, as the export as data writes it."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _numbers(field: FieldDefinition, style: str, scale: Decimal | None) -> Read:
    kind, spec = field.kind, field.spec

    def read(text: str) -> Any:
        if isinstance(kind, Money) and text[-1:] in "万亿wWkKmM" and style != "comma" and text[:1].isdigit():
            # 12万, 1.5m: the field knows what these stand for.
            value = money.parse(text)
            return int(value * scale) if scale is not None else value
        number = formats.read_number(text, style)
        return kind.parse(number * scale if scale is not None else number, spec)

    return read


def _boolean(field: FieldDefinition, text: str) -> Any:
    if text in ("☑", "✓", "✔", "√", "x", "X"):
        return True
    return field.kind.parse(text, field.spec)


def _choice(field: FieldDefinition, text: str) -> Any:
    """By key or label; where labels were joined by a Chinese or a plain comma, as the export shows them, by each part."""
    try:
        return field.kind.parse(text, field.spec)
    except ValueError as error:
        if field.kind.family == "choices":
            raise
        raise ValueError(_("This is not one of the choices.")) from error
