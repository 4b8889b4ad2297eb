"""What every kind of field knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.sql import JsonType

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

Family = Literal[
    "text", "number", "date", "datetime", "boolean", "choice", "choices", "lookup", "reference", "links", "none"
]

COMPARE = ("eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "empty", "not_empty")
TEXTUAL = ("contains", "not_contains", "starts", "eq", "ne", "in", "not_in", "empty", "not_empty")
CHOOSE = ("eq", "ne", "in", "not_in", "empty", "not_empty")
PRESENCE = ("empty", "not_empty")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person reads: language code, time zone, and the currency of the record shown."""

    language: str
    zone: tzinfo
    currency: str = ""
    cents: bool = False
    """Whether whole amounts show their decimals too, because they stand beside others that have some."""


class Kind:
    """A sort of value: how it is parsed, checked, stored, shown and compared.

    The *value* of a field is a plain Python object (see the table in ``docs/architecture.md``); ``None`` is the only
    empty value, except for text-like columns, where the door stores the empty string and reads it back as empty.
    """

    name: ClassVar[str]
    family: ClassVar[Family] = "text"
    operators: ClassVar[tuple[str, ...]] = CHOOSE
    json_type: ClassVar[JsonType] = "text"
    widget: ClassVar[str] = "text"
    sortable: ClassVar[bool] = True
    groupable: ClassVar[bool] = False
    virtual: ClassVar[bool] = False
    """Has no column: its values live in other tables."""
    blank: ClassVar[Any] = None
    """What the column holds when the field is empty."""

    def parse(self, raw: object, spec: FieldSpec) -> Any:
        """The value meant by a form text, a JSON value or an imported cell; ``None`` for an empty one.

        Raises ``ValueError`` with a sentence for the person.
        """
        raise NotImplementedError

    def check(self, value: Any, spec: FieldSpec) -> str | None:
        """What is wrong with a value, in words, or ``None``."""
        return None

    def storage(self, value: Any) -> Any:
        """The value as its column holds it."""
        return self.blank if value is None else value

    def value(self, stored: Any) -> Any:
        """The value of what a column holds; the inverse of :meth:`storage`."""
        return None if stored == "" else stored

    def json_storage(self, value: Any) -> Any:
        """The value inside the JSON of custom fields."""
        return self.storage(value)

    def json_value(self, stored: Any) -> Any:
        """The inverse of :meth:`json_storage`."""
        return self.value(stored)

    def to_json(self, value: Any) -> Any:
        """The value in the API and the journal. :meth:`parse` reads it back."""
        return value

    def to_text(self, value: Any) -> str:
        """The value in an exported file and in a typed query; :meth:`parse` reads it back."""
        return "" if value is None else str(value)

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        """The value as a person reads it; empty text for an empty value."""
        return self.to_text(value)

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the value in the API, without its null."""
        return {"type": "string"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        """The column of a standard field."""
        raise NotImplementedError


def too_long(limit: int) -> str:
    """The sentence for a text over its limit."""
    return _("Use at most %(limit)d characters.") % {"limit": limit}
