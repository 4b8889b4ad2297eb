"""Counts and sums per group: from what is kept where that answers the question, from the records otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate, TruncMonth

from guanxi.access.actor import Actor
from guanxi.engine.aggregates import reading
from guanxi.engine.groups import Groups, none
from guanxi.engine.query import Tree, compile_tree
from guanxi.engine.rollups import grouped
from guanxi.engine.scoping import in_parts
from guanxi.kernel.sql import MonthOf, Unsorted
from guanxi.schema.aggregates import Part
from guanxi.schema.definition import FieldDefinition, ObjectType


def totals(
    actor: Actor,
    kind: ObjectType,
    query: Tree | None,
    parts: Sequence[Part],
    keys: Sequence[str],
    *,
    live: bool = False,
    most: int | None = None,
) -> tuple[Groups, bool]:
    """Count and sums of the records the actor may see that meet the condition, and whether they were kept.

    The groups are texts: the key of a choice, an id, ``2026-03`` or ``2026-03-14``, empty for nothing; quarters and years
    come as months. ``live`` adds up the records even where sums are kept; hardly more than ``most`` groups are looked at.
    Either way refuses what the actor may not compare, or may not read at all.
    """
    limit = None if most is None else most + 1
    if not live and (found := _from_kept(actor, kind, query, parts, keys, limit)) is not None:
        return found, True
    live_parts = (_from_records(actor, kind, rows, parts, keys, limit) for rows in in_parts(actor, kind, query))
    return reduce(Groups.plus, live_parts, none(len(parts), len(keys))), False


def _from_kept(
    actor: Actor, kind: ObjectType, query: Tree | None, parts: Sequence[Part], keys: Sequence[str], limit: int | None
) -> Groups | None:
    found = reading.totals(actor, kind, query, parts, keys)
    if found is None:
        return None
    if (further := reading.beside(actor, kind)) is not None:
        rows = kind.model._default_manager.filter(further, deleted_at=None).filter(compile_tree(query, kind, actor))
        return found.plus(_from_records(actor, kind, rows, parts, keys, limit))
    return found


def _from_records(
    actor: Actor, kind: ObjectType, rows: QuerySet[Any], parts: Sequence[Part], keys: Sequence[str], limit: int | None
) -> Groups:
    expressions = [_expression(kind.fields[part.field], part, actor) for part in parts]
    found = grouped(rows, kind, expressions, keys, limit)
    return found.under([_texts(part, column) for part, column in zip(parts, found.values, strict=True)])


def _expression(field: FieldDefinition, part: Part, actor: Actor) -> Any:
    column = field.expression()
    if field.kind.family == "datetime":
        # As days of the viewer's calendar.
        kind = TruncDate if part.period == "day" else TruncMonth
        return kind(column, tzinfo=actor.zone)
    return Unsorted(column) if part.period in ("", "day") or field.kind.family != "date" else MonthOf(column)


def _texts(part: Part, column: Sequence[Any]) -> list[str]:
    texts = {value: _text(part, value) for value in set(column)}
    return [texts[value] for value in column]


def _text(part: Part, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[: 10 if part.period == "day" else 7]
    return str(value).lower() if isinstance(value, bool) else str(value)[: 10 if part.period == "day" else None]
