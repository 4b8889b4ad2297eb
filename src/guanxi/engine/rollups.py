"""Counts and sums: roll-up fields, board columns, totals. Always inside the viewer's permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.groups import Groups, Totals, columns
from guanxi.engine.rates import rates
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


def totals_by(
    rows: QuerySet[Any], kind: ObjectType, by: FieldDefinition | None, keys: Sequence[str]
) -> dict[Any, Totals]:
    """Count and sums per value of ``by`` (one group ``None`` without it); one query."""
    found = grouped(rows, kind, () if by is None else (by.expression(),), keys)
    return {group[0] if by is not None else None: totals for group, totals in found.items()}


def grouped(
    rows: QuerySet[Any], kind: ObjectType, by: Sequence[Any], keys: Sequence[str], limit: int | None = None
) -> Groups:
    """Count and sums per combination of the expressions ``by``; one query. Of no more than ``limit`` if that is given.

    The database groups by currency too and the conversion happens here, on a handful of rows: exact, and several times
    faster than converting each row in SQL.
    """
    grouping = {f"_by{index}": expression for index, expression in enumerate(by)}
    money = "currency" in kind.fields
    names = [*grouping, *(["_currency"] if money else [])]
    named: dict[str, Any] = {**grouping, **({"_currency": F("currency")} if money else {})}
    sums = {f"_s{index}": Sum(kind.fields[key].expression()) for index, key in enumerate(keys)}
    found = rows.order_by().annotate(**named).values_list(*names).annotate(_n=Count("*"), **sums)
    selected = found.values_list(*names, "_n", *sums)[:limit]
    before, after = len(by), len(names)
    # Nothing adds up to nothing; and PostgreSQL's sums are decimals.
    whole = (
        (*row[:before], row[before] if money else "", row[after], *(int(one or 0) for one in row[after + 1 :]))
        for row in selected
    )
    return converted(kind, whole, before, keys)


def converted(kind: ObjectType, rows: Iterable[tuple[Any, ...]], parts: int, keys: Sequence[str]) -> Groups:
    """Groups of rows of ``parts`` values, a currency, a count and whole sums; money in the company's currency."""
    factors, own = rates(), settings.GUANXI_CURRENCY
    held = columns(rows, parts + 2 + len(keys))
    found, currencies = Groups(held[:parts], held[parts + 1], held[parts + 2 :]), held[parts]
    if len(set(currencies)) < 2 and set(currencies) <= {own, ""}:
        return found
    sums = (
        [_converted(kind, key, amount, currency, factors) for amount, currency in zip(column, currencies, strict=True)]
        for key, column in zip(keys, found.sums, strict=True)
    )
    return found._replace(sums=tuple(sums)).under(found.values)


def _converted(kind: ObjectType, key: str, amount: Any, currency: str, factors: dict[str, Decimal]) -> int:
    if kind.fields[key].kind.name not in ("money", "formula") or currency in ("", settings.GUANXI_CURRENCY):
        return int(amount)
    return int((Decimal(amount) * factors.get(currency, Decimal(1))).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def parts_of(actor: Actor, source: ObjectType, via: str) -> QuerySet[Any]:
    """The live records of ``source`` that an actor may see, given that every record pointed to by ``via`` is visible."""
    if via in source.declaration.inherits and actor.can("read", source.key):
        return source.model._default_manager.filter(deleted_at=None)
    return visible(actor, source, narrow=True)


def rolled_up(fields: Sequence[FieldDefinition], ids: Sequence[int], actor: Actor) -> dict[str, dict[int, Any]]:
    """The values of roll-up fields for some records, by field and id; one query for those over the same records.

    A field is missing where the actor may not see what it is made of.
    """
    together: dict[tuple[str, str, tuple[Any, ...]], list[FieldDefinition]] = {}
    for one in fields:
        rollup = one.spec.rollup
        source = snapshot().objects.get(rollup.source) if rollup else None
        if rollup is None or source is None or not actor.can("read", source.key):
            continue
        if not rollup.field or actor.field_level(source.key, rollup.field) not in ("hidden", "masked"):
            together.setdefault((rollup.source, rollup.via, rollup.where), []).append(one)
    values: dict[str, dict[int, Any]] = {}
    for (key, pointer, where), group in together.items():
        source = snapshot().get(key)
        via = source.fields[pointer]
        rows = parts_of(actor, source, via.key).filter(Q(**{f"{via.attribute}__in": ids}), **dict(where))
        summed = {one.key: one.spec.rollup.field for one in group if one.spec.rollup is not None}
        keys = tuple(dict.fromkeys(filter(None, summed.values())))
        found = totals_by(rows, source, via, keys)
        for name, added in summed.items():
            told = {pk: totals.sums[keys.index(added)] if added else totals.number for pk, totals in found.items()}
            values[name] = dict.fromkeys(ids, 0) | told
    return values
