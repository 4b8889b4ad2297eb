"""What points to the rows of a table, as the models declare it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from guanxi.engine.write.deletion import parts_of
from guanxi.schema.definition import ObjectType


@dataclass(frozen=True, slots=True)
class Pointer:
    """One foreign key that leads to a table."""

    model: type[models.Model]
    attribute: str
    policy: Any
    """Django's ``on_delete``."""


@cache
def pointers_to(model: type[models.Model]) -> tuple[Pointer, ...]:
    """Every foreign key to a table, hidden ones and those of link tables included."""
    return tuple(
        Pointer(found.related_model, found.field.attname, found.on_delete)
        for found in model._meta.get_fields(include_hidden=True)
        if isinstance(found, models.ManyToOneRel)
        and not found.field.many_to_many
        and isinstance(found.related_model, type)
    )


def with_parts(kind: ObjectType, ids: Iterable[int]) -> tuple[dict[str, dict[int, int]], dict[str, ObjectType]]:
    """The records with all that belong to them: by object, each part's id with that of the record it belongs to."""
    roots: dict[str, dict[int, int]] = {kind.key: {pk: pk for pk in ids}}
    kinds = {kind.key: kind}
    pending = [kind]
    while pending:
        above = pending.pop()
        for part, via in parts_of(above):
            owners = roots[above.key]
            rows = part.model._default_manager.filter(**{f"{via.attribute}__in": list(owners)})
            found = {pk: owners[parent] for pk, parent in rows.values_list("pk", via.attribute)}
            known = roots.setdefault(part.key, {})
            fresh = {pk: root for pk, root in found.items() if pk not in known}
            known |= fresh
            if fresh:
                kinds[part.key] = part
                pending.append(part)
    return {key: found for key, found in roots.items() if found}, kinds
