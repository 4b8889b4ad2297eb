"""Fields and objects as the registry gives them out: immutable, with standard and custom fields alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F
from django.db.models.expressions import Combinable
from django.utils.translation import get_language

from guanxi.kernel.labels import Label
from guanxi.kernel.sql import JsonValue
from guanxi.schema.declaration import Action, Board, Calendar, ObjectDeclaration, Preset, Related, Section
from guanxi.schema.kinds.kind import Kind, Reading
from guanxi.schema.record import Record
from guanxi.schema.spec import FieldSpec

SYSTEM = frozenset({"created_at", "created_by", "updated_at", "updated_by", "external_id"})


@dataclass(frozen=True)
class FieldDefinition:
    """One field of one object. Nothing above the schema knows whether it is a column or a custom field."""

    object_key: str
    key: str
    spec: FieldSpec
    attribute: str = ""
    """Attribute of the model instance that holds the stored value; empty for custom and virtual fields."""
    custom: bool = False

    @cached_property
    def kind(self) -> Kind:
        """The kind of the field."""
        return self.spec.kind

    @cached_property
    def label(self) -> Label:
        """The label in both languages."""
        return self.spec.label

    @cached_property
    def virtual(self) -> bool:
        """Whether its values live in other tables."""
        return self.kind.virtual

    @cached_property
    def writable(self) -> bool:
        """Whether people and programs may set it."""
        return not self.spec.read_only

    @cached_property
    def shown(self) -> bool:
        """Whether it appears in forms, columns and filters."""
        return not self.spec.hidden

    @cached_property
    def system(self) -> bool:
        """Whether it is one of the columns every record has."""
        return self.key in SYSTEM

    def expression(self, prefix: str = "") -> Combinable:
        """The SQL expression of the stored value; ``prefix`` is a relation path ending in ``__``."""
        if self.custom:
            return JsonValue(F(f"{prefix}extra"), self.key, self.kind.json_type)
        if self.virtual:
            raise ValueError(f"{self.key} has no column")
        return F(f"{prefix}{self.attribute}")

    def read(self, record: Record) -> Any:
        """The value on a model instance; ``None`` for virtual fields."""
        if self.virtual:
            return None
        if self.custom:
            return self.kind.json_value(record.extra.get(self.key))
        return self.kind.value(getattr(record, self.attribute))

    def read_each(self, records: Iterable[Record]) -> list[Any]:
        """As :meth:`read`, of many records."""
        if self.virtual or self.custom:
            return [self.read(record) for record in records]
        value, attribute = self.kind.value, self.attribute
        return [value(getattr(record, attribute)) for record in records]

    def held(self, stored: Mapping[str, Any]) -> Any:
        """As :meth:`read`, of the attributes of a record."""
        if self.virtual:
            return None
        if self.custom:
            return self.kind.json_value(stored["extra"].get(self.key))
        return self.kind.value(stored[self.attribute])

    def write(self, record: Record, value: Any) -> None:
        """Put the value on a model instance; an empty custom value removes its key."""
        self.write_each([(record, value)])

    def write_each(self, given: Iterable[tuple[Record, Any]]) -> None:
        """As :meth:`write`, for many records."""
        if self.virtual:
            return
        if self.custom:
            for record, value in given:
                if (stored := self.kind.json_storage(value)) in (None, ""):
                    record.extra.pop(self.key, None)
                else:
                    record.extra[self.key] = stored
            return
        attribute, storage, points = self.attribute, self.kind.storage, self.attribute != self.key
        for record, value in given:
            # As the attribute would be set, without asking its descriptor, which costs a fifth of an import.
            record.__dict__[attribute] = storage(value)
            if points and (cached := record._state.__dict__.get("fields_cache")):
                cached.pop(self.key, None)

    def from_row(self, stored: Any) -> Any:
        """The value of what :meth:`expression` selected."""
        return self.kind.json_value(stored) if self.custom else self.kind.value(stored)

    def display(self, value: Any, reading: Reading) -> str:
        """The value as a person reads it."""
        return self.kind.display(value, self.spec, reading)


@dataclass(frozen=True)
class ObjectType:
    """One object: its model, its declaration and its fields, standard and custom."""

    model: type[Record]
    declaration: type[ObjectDeclaration]
    fields: Mapping[str, FieldDefinition]

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> str:
        """The immutable key."""
        return self.declaration.key

    @property
    def label(self) -> Label:
        """Singular."""
        return self.declaration.label

    @property
    def plural(self) -> Label:
        """Plural."""
        return self.declaration.plural

    @property
    def icon(self) -> str:
        """Name of a Tabler icon."""
        return self.declaration.icon

    @property
    def title(self) -> FieldDefinition:
        """The field that names a record."""
        return self.fields[self.declaration.title]

    @property
    def board(self) -> Board | None:
        """The board, if it has one."""
        return self.declaration.board

    @property
    def calendar(self) -> Calendar | None:
        """The calendar, if it has one."""
        return self.declaration.calendar

    @cached_property
    def owned(self) -> bool:
        """Whether its records have an owner."""
        return "owner" in self.fields

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The fields that hold the state of a record: the stage path and the columns of the board."""
        board = self.board.group if self.board else ""
        return tuple(dict.fromkeys(key for key in (self.declaration.path, board) if key))

    @cached_property
    def columns(self) -> tuple[FieldDefinition, ...]:
        """Fields of the default list."""
        return tuple(self.fields[key] for key in self.declaration.list_columns)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Sections of the form: those declared, then one with the fields they leave out."""
        declared = tuple(self.declaration.sections)
        named = {key for section in declared for key in section.fields}
        rest = tuple(f.key for f in self.fields.values() if f.shown and not f.system and f.key not in named)
        if not rest:
            return declared
        label = Label("More", "更多") if declared else Label("Details", "详细信息")
        return (*declared, Section(label, rest))

    @cached_property
    def quick_fields(self) -> tuple[FieldDefinition, ...]:
        """Fields asked in quick create."""
        keys = self.declaration.quick or tuple(
            f.key
            for f in self.fields.values()
            if f.writable and f.shown and (f.spec.required or f.key == self.title.key)
        )
        return tuple(self.fields[key] for key in keys)

    @property
    def related(self) -> tuple[Related, ...]:
        """Related lists of the record page."""
        return tuple(self.declaration.related)

    @property
    def presets(self) -> tuple[Preset, ...]:
        """Views that ship with the object."""
        return tuple(self.declaration.presets)

    def action(self, key: str) -> Action | None:
        """The action with this key."""
        return next((action for action in self.declaration.actions if action.key == key), None)

    def title_of(self, record: Record) -> str:
        """What a record is called in the active language; its key and id when the title is empty.

        For those who may see the record and, where the title is a lookup, the record it points to.
        """
        named: Any = record
        declaration = self.declaration
        if self.title.kind.family == "lookup" and (related := getattr(record, self.title.key)) is not None:
            named, declaration = related, related.Declaration
        keys = [declaration.title]
        if declaration.title_en and not (get_language() or "").startswith("zh"):
            keys.insert(0, declaration.title_en)
        value = next((text for key in keys if (text := getattr(named, key))), None)
        return str(value) if value else f"{self.label} {record.pk}"
