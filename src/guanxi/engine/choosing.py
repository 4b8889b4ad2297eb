"""Records as choices: what a lookup or the palette offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from guanxi.access.actor import Actor
from guanxi.engine.rows import fetch, label_rows
from guanxi.engine.shapes import Choice, Row
from guanxi.schema.definition import FieldDefinition, ObjectType


def listed(actor: Actor, kind: ObjectType, rows: QuerySet[Any]) -> tuple[Choice, ...]:
    """Rows as choices with title and subtitle."""
    subtitle = kind.fields.get(kind.declaration.subtitle)
    shown = subtitle if subtitle and actor.field_level(kind.key, subtitle.key) in ("read", "write") else None
    found, _marks = fetch(rows, kind, (shown,) if shown else (), actor, editable=False)
    labels = label_rows((shown,) if shown else (), found, actor)
    return tuple(Choice(kind.key, row.id, row.title, _subtitle(shown, row, labels, actor)) for row in found)


def _subtitle(field: FieldDefinition | None, row: Row, labels: Mapping[tuple[str, int], str], actor: Actor) -> str:
    value = row.values.get(field.key) if field else None
    if field is None or value is None:
        return ""
    if field.kind.family == "lookup":
        return labels.get((field.spec.target, value), "")
    return field.display(value, actor.reading(row.currency))
