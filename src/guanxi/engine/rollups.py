"""Counts and sums: roll-up fields, board columns, totals. Always inside the viewer's permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from operator import add
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.rates import rates
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


class Totals(NamedTuple):
    """Count and sums of one group, in the order in which they were asked for.

    Money is in hundredths of the company's currency.
    """

    number: int
    sums: tuple[int, ...]

    def plus(self, more: Totals) -> Totals:
        """Those of both."""
        return Totals(self.number + more.number, tuple(map(add, self.sums, more.sums)))


EMPTY = Totals(0, ())


def totals_by(
    rows: QuerySet[Any], kind: ObjectType, by: FieldDefinition | None, keys: Sequence[str]
) -> dict[Any, Totals]:
    """Count and sums per value of ``by`` (one group ``None`` without it); one query."""
    found = grouped(rows, kind, () if by is None else (by.expression(),), keys)
    return {group[0] if by is not None else None: totals for group, totals in found.items()}


def grouped(
    rows: QuerySet[Any], kind: ObjectType, by: Sequence[Any], keys: Sequence[str], limit: int | None = None
) -> dict[tuple[Any, ...], Totals]:
    """Count and sums per combination of the expressions ``by``; one query. Of no more than ``limit`` if that is given.

    The database groups by currency too and the conversion happens here, on a handful of rows: exact, and several times
    faster than converting each row in SQL.
    """
    grouping = {f"_by{index}": expression for index, expression in enumerate(by)}
    money = "currency" in kind.fields
    columns = [*grouping, *(["_currency"] if money else [])]
    named: dict[str, Any] = {**grouping, **({"_currency": F("currency")} if money else {})}
    sums = {f"_s{index}": Sum(kind.fields[key].expression()) for index, key in enumerate(keys)}
    found = rows.order_by().annotate(**named).values_list(*columns).annotate(_n=Count("*"), **sums)
    selected = found.values_list(*columns, "_n", *sums)[:limit]
    before, after = len(by), len(columns)
    # Nothing adds up to nothing; and PostgreSQL's sums are decimals.
    whole = (
        (*row[:before], row[before] if money else "", row[after], *(int(one or 0) for one in row[after + 1 :]))
        for row in selected
    )
    return converted(kind, whole, before, keys)


def converted(
    kind: ObjectType, rows: Iterable[tuple[Any, ...]], parts: int, keys: Sequence[str]
) -> dict[tuple[Any, ...], Totals]:
    """Groups of rows of ``parts`` values, a currency, a count and whole sums; money in the company's currency."""
    factors, own = rates(), settings.GUANXI_CURRENCY
    groups: dict[tuple[Any, ...], Totals] = {}
    # There may be thousands: as little as can be is done for each of them.
    for row in rows:
        values, currency, totals = row[:parts], row[parts], Totals(row[parts + 1], row[parts + 2 :])
        if currency and currency != own:
            amounts = (_converted(kind, *one, currency, factors) for one in zip(keys, totals.sums, strict=True))
            totals = Totals(totals.number, tuple(amounts))
        groups[values] = groups[values].plus(totals) if values in groups else totals
    return groups


def add_to(groups: dict[tuple[Any, ...], Totals], more: Mapping[tuple[Any, ...], Totals]) -> None:
    """Add the totals of groups to those there are."""
    for values, part in more.items():
        groups[values] = groups[values].plus(part) if values in groups else part


def _converted(kind: ObjectType, key: str, amount: Any, currency: str, factors: dict[str, Decimal]) -> int:
    if kind.fields[key].kind.name not in ("money", "formula") or currency == settings.GUANXI_CURRENCY:
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
