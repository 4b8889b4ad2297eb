"""The rules of an object, called by the write door with all drafts of one write at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from guanxi.schema.definition import ObjectType
    from guanxi.schema.record import Record


class WriteDoor(Protocol):
    """What rules and actions may ask of the write door; every call joins the change set of the write that is going on."""

    @property
    def now(self) -> datetime:
        """The moment of the change set."""

    @property
    def user_id(self) -> int | None:
        """The person who acts; ``None`` for the program itself."""

    @property
    def actor(self) -> Any:
        """The actor, as the access layer above knows it: what it may see decides what an action may find."""

    def create(self, object_key: str, values: Mapping[str, Any]) -> Record:
        """Create one record."""

    def create_many(self, object_key: str, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Create many records, set-based."""

    def update(self, object_key: str, record_id: int, values: Mapping[str, Any]) -> Record:
        """Change one record."""

    def update_each(self, object_key: str, changes: Mapping[int, Mapping[str, Any]]) -> list[Record]:
        """Change many records, each with values of its own, set-based."""

    def as_program(self) -> WriteDoor:
        """The same change set with the program's own rights, for records people may not write (stage history)."""


class Before:
    """The values of a stored record before a write, each read when it is first asked for: most writes look at few."""

    __slots__ = ("_kind", "_read", "_record", "_stored")

    def __init__(self, kind: ObjectType, record: Record, links: Mapping[str, Any]) -> None:
        """``links`` are the values of the links fields that are about to be written."""
        self._kind = kind
        self._stored = dict(record.__dict__)
        if "extra" in self._stored:
            self._stored["extra"] = dict(record.extra)
        self._record = record
        self._read: dict[str, Any] = dict(links)

    @property
    def stored(self) -> Mapping[str, Any]:
        """What the columns held, by attribute, as far as they were loaded."""
        return self._stored

    def get(self, key: str) -> Any:
        """The value of a field as it was; ``None`` where there is no such field."""
        if key not in self._read:
            self._read[key] = self._value(key)
        return self._read[key]

    def _value(self, key: str) -> Any:
        field = self._kind.fields.get(key)
        if field is None or field.virtual:
            return None
        loaded = ("extra" if field.custom else field.attribute) in self._stored
        return field.held(self._stored) if loaded else field.read(self._record)


class Draft:
    """One record on its way through the door: the values as they will be, those as they were, and the errors found."""

    __slots__ = ("before", "errors", "kind", "record", "values", "verb")

    def __init__(self, kind: ObjectType, record: Record, before: Before | None, verb: str) -> None:
        self.kind = kind
        self.record = record
        self.before = before
        """Values before the write by field key; ``None`` when the record is being created."""
        self.verb = verb
        self.values: dict[str, Any] = {}
        """New values by field key, only those that are being written."""
        self.errors: dict[str, list[str]] = {}

    @property
    def created(self) -> bool:
        """Whether the record is being created."""
        return self.before is None

    def get(self, key: str) -> Any:
        """The value as it will be."""
        if key in self.values:
            return self.values[key]
        return self.before.get(key) if self.before is not None else None

    def was(self, key: str) -> Any:
        """The value before the write; ``None`` for a new record."""
        return None if self.before is None else self.before.get(key)

    def set(self, key: str, value: Any) -> None:
        """Write ``value`` (the Python value of the field's kind) with the rest of the draft."""
        self.values[key] = value

    def changed(self, key: str) -> bool:
        """Whether the write gives this field another value than it had."""
        return key in self.values and self.values[key] != self.was(key)

    def error(self, key: str, message: str) -> None:
        """Refuse the draft: ``key`` is the field it is about, or ``""`` for the whole record."""
        self.errors.setdefault(key, []).append(message)


def written(drafts: Iterable[Draft]) -> set[str]:
    """The keys of the fields that any of the drafts writes."""
    keys: set[str] = set()
    for draft in drafts:
        keys.update(draft.values)
    return keys


class ObjectRules:
    """Business rules of an object; subclass and name the class in the declaration. All methods are set-based."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        """Fill defaults and derived values; runs before validation."""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        """Refuse drafts that break a rule, with ``draft.error``."""

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        """Write what follows from the change (histories, counters) in the same transaction."""

    def undone(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        """Instead of the other three where drafts give back former values: take back what is in no journal (logs).

        Whatever else followed from the change has entries of its own, which are undone by themselves.
        """
