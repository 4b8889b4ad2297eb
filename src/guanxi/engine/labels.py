"""Titles of the records that a page points to: one query per object, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language

from guanxi.access.actor import Actor
from guanxi.access.visibility import named
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


def labels_for(actor: Actor, wanted: Mapping[str, Iterable[int]]) -> dict[tuple[str, int], str]:
    """The titles of the given records by (object key, id); those the actor may not see are left out."""
    titles: dict[tuple[str, int], str] = {}
    for key, ids in wanted.items():
        kind = snapshot().objects.get(key)
        ids = set(ids)
        if kind is None or not ids:
            continue
        fields = shown_titles(kind, actor)
        rows = named(actor, kind, ids, *[f.attribute for f in fields])
        for pk, title in titled(kind, fields, [(pk, values) for pk, *values in rows], actor).items():
            titles[(key, pk)] = title
    return titles


def titled(
    kind: ObjectType, fields: Sequence[FieldDefinition], rows: Sequence[tuple[int, Sequence[Any]]], actor: Actor
) -> dict[int, str]:
    """What records are called, by id, from the values of their title fields.

    A relation has a lookup for a title and goes by the title of the record it points to, where the actor may see that.
    """
    wanted: dict[str, set[int]] = {}
    for index, field in enumerate(fields):
        if field.kind.family == "lookup":
            wanted.setdefault(field.spec.target, set()).update(values[index] for _pk, values in rows if values[index])
    labels = labels_for(actor, wanted) if wanted else {}
    names: dict[int, str] = {}
    for pk, values in rows:
        texts = (_text(field, value, labels, actor) for field, value in zip(fields, values, strict=True))
        names[pk] = next((str(text) for text in texts if text), "") or f"{kind.label} {pk}"
    return names


def _text(field: FieldDefinition, value: Any, labels: Mapping[tuple[str, int], str], actor: Actor) -> Any:
    if field.kind.family == "lookup":
        return labels.get((field.spec.target, value))
    option = field.spec.option(value) if field.kind.name == "select" and value else None
    return option.label.text(actor.language) if option else value


def title_fields(kind: ObjectType) -> list[FieldDefinition]:
    """The fields that name a record, the one of the active language first."""
    english = kind.declaration.title_en
    if english and not (get_language() or "").startswith("zh"):
        return [kind.fields[english], kind.title]
    return [kind.title]


def shown_titles(kind: ObjectType, actor: Actor) -> list[FieldDefinition]:
    """As :func:`title_fields`, without those the actor may not see; a record without a title goes by its number."""
    return [field for field in title_fields(kind) if actor.field_level(kind.key, field.key) in ("read", "write")]


def pointed_to(fields: Iterable[FieldDefinition], rows: Iterable[Mapping[str, Any]]) -> dict[str, set[int]]:
    """Which records the values of rows point to, by object key."""
    lookups = [f for f in fields if f.kind.family in ("lookup", "links", "reference")]
    wanted: dict[str, set[int]] = {}
    if not lookups:
        return wanted
    for values in rows:
        for field in lookups:
            value = values.get(field.key)
            if not value:
                continue
            if field.kind.family == "reference":
                key, _, record = str(value).partition(":")
                wanted.setdefault(key, set()).add(int(record))
            elif field.kind.family == "lookup":
                wanted.setdefault(field.spec.target, set()).add(value)
            else:
                wanted.setdefault(field.spec.target, set()).update(value)
    return wanted
