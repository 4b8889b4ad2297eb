"""Counts and sums: roll-up fields, board columns, totals. Always inside the viewer's permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.rates import rates
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


@dataclass
class Totals:
    """Count and sums of one group; money in hundredths of the company's currency."""

    count: int = 0
    sums: dict[str, int] = field(default_factory=dict)


def totals_by(
    rows: QuerySet[Any], kind: ObjectType, by: FieldDefinition | None, keys: Sequence[str]
) -> dict[Any, Totals]:
    """Count and sums per value of ``by`` (one group ``None`` without it); one query.

    The database groups by currency too and the conversion happens here, on a handful of rows: exact, and several times
    faster than converting each row in SQL.
    """
    grouping = {} if by is None else {"_by": by.expression()}
    money = "currency" in kind.fields
    columns = [*grouping, *(["_currency"] if money else [])]
    named: dict[str, Any] = {**grouping, **({"_currency": F("currency")} if money else {})}
    sums = {f"_s{index}": Sum(kind.fields[key].expression()) for index, key in enumerate(keys)}
    found = rows.order_by().annotate(**named).values_list(*columns).annotate(_n=Count("*"), **sums)
    factors = rates()
    groups: dict[Any, Totals] = {}
    for row in found.values_list(*columns, "_n", *sums):
        values = list(row)
        group = groups.setdefault(values.pop(0) if by is not None else None, Totals())
        currency = (values.pop(0) or settings.GUANXI_CURRENCY) if money else settings.GUANXI_CURRENCY
        group.count += values.pop(0)
        for key, amount in zip(keys, values, strict=True):
            group.sums[key] = group.sums.get(key, 0) + _converted(kind, key, amount, currency, factors)
    return groups


def totals_over(
    parts: Iterable[QuerySet[Any]], kind: ObjectType, by: FieldDefinition | None, keys: Sequence[str]
) -> dict[Any, Totals]:
    """As :func:`totals_by`, over rows in parts that do not overlap; one query per part."""
    groups: dict[Any, Totals] = {}
    for rows in parts:
        for value, part in totals_by(rows, kind, by, keys).items():
            whole = groups.setdefault(value, Totals())
            whole.count += part.count
            for key, amount in part.sums.items():
                whole.sums[key] = whole.sums.get(key, 0) + amount
    return groups


def _converted(kind: ObjectType, key: str, amount: Any, currency: str, factors: dict[str, Decimal]) -> int:
    if amount is None:
        return 0
    if kind.fields[key].kind.name not in ("money", "formula") or currency == settings.GUANXI_CURRENCY:
        return int(amount)
    return int((Decimal(amount) * factors.get(currency, Decimal(1))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parts_of(actor: Actor, source: ObjectType, via: str) -> QuerySet[Any]:
    """The live records of ``source`` that an actor may see, given that every record pointed to by ``via`` is visible."""
    if via in source.declaration.inherits and actor.can("read", source.key):
        return source.model._default_manager.filter(deleted_at=None)
    return visible(actor, source, narrow=True)


def rolled_up(field: FieldDefinition, ids: Sequence[int], actor: Actor) -> dict[int, Any]:
    """The values of a roll-up field for some records, by id; one query."""
    rollup = field.spec.rollup
    source = snapshot().objects.get(rollup.source) if rollup else None
    if rollup is None or source is None or not actor.can("read", source.key):
        return {}
    via = source.fields[rollup.via]
    rows = parts_of(actor, source, via.key).filter(Q(**{f"{via.attribute}__in": ids}), **dict(rollup.where))
    if rollup.function == "count":
        return dict.fromkeys(ids, 0) | {pk: group.count for pk, group in totals_by(rows, source, via, ()).items()}
    if actor.field_level(source.key, rollup.field) in ("hidden", "masked"):
        return {}
    found = totals_by(rows, source, via, (rollup.field,))
    return dict.fromkeys(ids, 0) | {pk: group.sums[rollup.field] for pk, group in found.items()}
