"""The registry: an immutable snapshot of every object, swapped whole when the schema changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import models as django_models
from django.db.models import F

from guanxi.kernel import db, prepared
from guanxi.kernel.errors import NotFound
from guanxi.kernel.labels import Label
from guanxi.schema import models
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.fields import SPEC_ATTRIBUTE
from guanxi.schema.kinds import KINDS
from guanxi.schema.record import Record
from guanxi.schema.spec import FieldSpec, Option

from django.utils.translation import gettext as _  # isort: skip


@dataclass(frozen=True)
class Snapshot:
    """Every object at one version of the schema."""

    version: int
    objects: Mapping[str, ObjectType]

    def __iter__(self) -> Iterator[ObjectType]:
        return iter(self.objects.values())

    def get(self, key: str) -> ObjectType:
        """The object with this key; :class:`NotFound` in words otherwise."""
        try:
            return self.objects[key]
        except KeyError:
            raise NotFound(_("There is no object called “%(key)s”.") % {"key": key[:63]}) from None


_snapshots: dict[str, Snapshot] = {}
_lock = threading.Lock()


def snapshot() -> Snapshot:
    """The current snapshot of the current company; built on first use."""
    found = _snapshots.get(db.alias())
    return found if found is not None else refresh(versions().get("schema", 0))


def get(key: str) -> ObjectType:
    """Shorthand for ``snapshot().get(key)``."""
    return snapshot().get(key)


def versions() -> dict[str, int]:
    """The version numbers of everything cached in memory; one query, asked once per request."""
    return dict(prepared.rows(_numbers))


def _numbers() -> django_models.QuerySet[Any]:
    return models.SchemaVersion.objects.values_list("name", "number")


def ensure(number: int) -> None:
    """Swap the snapshot if the database is at another version than the one in memory."""
    found = _snapshots.get(db.alias())
    if found is None or found.version != number:
        refresh(number)


def refresh(number: int) -> Snapshot:
    """Build the snapshot anew and swap it in."""
    built = Snapshot(number, MappingProxyType(_build()))
    with _lock:
        _snapshots[db.alias()] = built
    return built


def forget() -> None:
    """Drop every snapshot (a test declared or removed an object)."""
    with _lock:
        _snapshots.clear()


def bump(name: str) -> None:
    """Raise a version number inside the current transaction, so that every process swaps what it holds."""
    rows = models.SchemaVersion.objects.filter(pk=name)
    if not rows.update(number=F("number") + 1):
        models.SchemaVersion.objects.create(pk=name, number=1)


def _build() -> dict[str, ObjectType]:
    custom: dict[str, list[models.CustomField]] = {}
    for row in models.CustomField.objects.all():
        custom.setdefault(row.object, []).append(row)
    found = [_object(model, custom) for model in apps.get_models() if _declared(model)]
    return {kind.key: kind for kind in sorted(found, key=lambda kind: (kind.declaration.order, kind.key))}


def _declared(model: type[django_models.Model]) -> bool:
    return issubclass(model, Record) and hasattr(model, "Declaration")


def _object(model: Any, custom: Mapping[str, list[models.CustomField]]) -> ObjectType:
    key = model.Declaration.key
    fields: dict[str, FieldDefinition] = {}
    system: dict[str, FieldDefinition] = {}
    for column in model._meta.concrete_fields:
        spec: FieldSpec | None = getattr(column, SPEC_ATTRIBUTE, None)
        if spec is not None:
            definition = FieldDefinition(key, column.name, spec, attribute=column.attname)
            (system if definition.system else fields)[column.name] = definition
    for name, virtual in model.Declaration.virtual.items():
        fields[name] = FieldDefinition(key, name, virtual)
    for row in custom.get(key, ()):
        fields[row.key] = FieldDefinition(key, row.key, _custom_spec(row), custom=True)
    return ObjectType(model, model.Declaration, MappingProxyType(fields | system))


def _custom_spec(row: models.CustomField) -> FieldSpec:
    properties = row.properties
    options = tuple(
        Option(option["key"], Label(option["en"], option["zh"]), option.get("color", ""), option.get("retired", False))
        for option in properties.get("options", ())
    )
    return FieldSpec(
        kind=KINDS[row.kind],
        label=Label(row.label_en, row.label_zh),
        required=row.required,
        options=options,
        target=properties.get("target", ""),
        max_length=properties.get("max_length"),
        decimals=properties.get("decimals", 0),
        minimum=properties.get("minimum"),
        maximum=properties.get("maximum"),
    )
