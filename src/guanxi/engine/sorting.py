"""Sorting and keyset paging. An empty value counts as smaller than any other, on both databases."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import sees_all, visible
from guanxi.engine.query.resolve import find_field
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

MAX_KEYS = 3


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: ``alias`` is the annotation that holds its value, ``field`` the one whose kind reads it back."""

    alias: str
    expression: Combinable
    field: FieldDefinition
    descending: bool
    nullable: bool

    def order(self) -> OrderBy:
        """The ORDER BY term; empty values are the smallest."""
        column = F(self.alias)
        if not self.nullable:
            return column.desc() if self.descending else column.asc()
        return column.desc(nulls_last=True) if self.descending else column.asc(nulls_first=True)


def keys_for(sort: str, kind: ObjectType, actor: Actor) -> list[Key]:
    """The keys of a sort such as ``-amount,name``; :class:`QueryError` for a field that cannot be sorted by."""
    parts = [part.strip() for part in sort.split(",") if part.strip()]
    if len(parts) > MAX_KEYS:
        raise QueryError(_("Sort by at most %(limit)d fields.") % {"limit": MAX_KEYS})
    keys = []
    for index, part in enumerate(parts):
        field = find_field(part.lstrip("-"), kind, actor)
        if not field.kind.sortable:
            raise QueryError(_("The list cannot be sorted by “%(field)s”.") % {"field": field.label})
        keys.append(_key(f"_sort{index}", field, part.startswith("-"), actor))
    return keys


def _key(alias: str, field: FieldDefinition, descending: bool, actor: Actor) -> Key:
    if field.kind.family != "lookup":
        nullable = field.custom or (field.kind.blank is None and field.key not in ("created_at", "updated_at"))
        return Key(alias, field.expression(), field, descending, nullable)
    target = snapshot().get(field.spec.target)
    by = target.fields.get("position", target.title)
    column: Any = by.expression(f"{field.key}__")
    if not sees_all(actor, target, "read"):
        column = Case(When(Q(**{f"{field.attribute}__in": visible(actor, target).values("pk")}), then=column))
    return Key(alias, column, by, descending, True)


def ordered(rows: QuerySet[Any], keys: list[Key], *, backwards: bool = False) -> QuerySet[Any]:
    """The rows in the order of the keys, then newest first."""
    rows = rows.annotate(**{key.alias: key.expression for key in keys})
    terms = [key.order() for key in keys] + [F("pk").desc()]
    if backwards:
        for term in terms:
            term.reverse_ordering()
    return rows.order_by(*terms)


def encode(values: list[Any], keys: list[Key], pk: int, *, backwards: bool = False) -> str:
    """The cursor behind (or before) a row with these sort values."""
    texts = [
        None if value is None else key.field.kind.to_text(key.field.from_row(value))
        for key, value in zip(keys, values, strict=True)
    ]
    data = json.dumps([int(backwards), pk, *texts], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def decode(cursor: str, keys: list[Key]) -> tuple[bool, int, list[Any]]:
    """Direction, id and sort values of a cursor; :class:`QueryError` when it belongs to another list."""
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        backwards, pk, texts = bool(data[0]), int(data[1]), list(data[2:])
        if len(texts) != len(keys) or not all(text is None or isinstance(text, str) for text in texts):
            raise ValueError(cursor)
        values = [None if text is None else _stored(key.field, text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise QueryError(_("This page address no longer fits the list. Start again from the first page.")) from error
    return backwards, pk, values


def _stored(field: FieldDefinition, text: str) -> Any:
    value = field.kind.parse(text, field.spec)
    return field.kind.json_storage(value) if field.custom else field.kind.storage(value)


def beyond(keys: list[Key], values: list[Any], pk: int, *, backwards: bool) -> Q:
    """The rows that come after (or before) the row with these sort values and id."""
    last = Q(pk__gt=pk) if backwards else Q(pk__lt=pk)
    condition = last
    for key, value in reversed(list(zip(keys, values, strict=True))):
        column = F(key.alias)
        upwards = key.descending == backwards
        further = _further(key, column, value, upwards=upwards)
        same = Q(IsNull(column, True)) if value is None else Q(Exact(column, value))
        condition = further | (same & condition) if further is not None else same & condition
    if keys and (bound := _bound(keys[0], values[0], upwards=keys[0].descending == backwards)) is not None:
        # It follows from the rest, but only from this do the databases see where in the index to begin.
        condition = bound & condition
    return condition


def _bound(key: Key, value: Any, *, upwards: bool) -> Q | None:
    """The value and everything beyond it, where that is one stretch of an index: empty values lie below all others."""
    column = F(key.alias)
    if upwards:
        return None if value is None else Q(GreaterThanOrEqual(column, value))
    return None if key.nullable or value is None else Q(LessThanOrEqual(column, value))


def _further(key: Key, column: F, value: Any, *, upwards: bool) -> Q | None:
    """Values beyond ``value`` in one direction; ``None`` when there can be none (below empty)."""
    if upwards:
        return Q(IsNull(column, False)) if value is None else Q(GreaterThan(column, value))
    if value is None:
        return None
    below = Q(LessThan(column, value))
    return below | Q(IsNull(column, True)) if key.nullable else below
