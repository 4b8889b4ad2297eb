"""What a declaration says about one field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from guanxi.kernel.labels import Label

if TYPE_CHECKING:
    from guanxi.schema.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a picklist. The key never changes; a retired option is shown but can no longer be chosen."""

    key: str
    label: Label
    color: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class RollUp:
    """An aggregate over the records of another object that point here: ``count`` or ``sum``/``max``/``min`` of a field."""

    source: str
    via: str
    function: str = "count"
    field: str = ""
    where: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """The declared properties of a field; see :mod:`guanxi.schema.fields` for what each function sets."""

    kind: Kind
    label: Label
    required: bool = False
    read_only: bool = False
    options: tuple[Option, ...] = ()
    target: str = ""
    """Key of the object a lookup points to."""
    depends: str = ""
    """For a lookup: a lookup field of the same name on both sides that must agree (stage and opportunity: pipeline)."""
    currency_field: str = "currency"
    max_length: int | None = None
    minimum: Any = None
    maximum: Any = None
    decimals: int = 0
    default: Callable[[], Any] | Any = None
    help: Label | None = None
    unique: bool = False
    audited: bool = True
    quiet: bool = False
    """Journaled, but not told in histories: it follows from a change that has an entry of its own."""
    hidden: bool = False
    """Technical: never in a form, column chooser or filter."""
    compute: Callable[[Any], Any] | None = None
    """Formula: computed by the write door from the record and stored, so that it can be filtered and sorted."""
    rollup: RollUp | None = None
    number_format: str = ""
    """Auto-number: a format such as ``Q-{year}-{number:05d}``."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def option(self, key: str) -> Option | None:
        """The option with this key, retired ones included."""
        return next((option for option in self.options if option.key == key), None)
