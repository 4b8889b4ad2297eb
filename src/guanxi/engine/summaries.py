"""Summaries: the records of a list counted and summed up by what they have in common, under the viewer's permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from babel.dates import format_date
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.aggregates.totals import totals
from guanxi.engine.groups import Groups, Totals, rows
from guanxi.engine.labels import labels_for
from guanxi.engine.query import Condition, Group, Tree
from guanxi.engine.query.resolve import find_field
from guanxi.kernel.errors import QueryError
from guanxi.schema.aggregates import MOST_PARTS, PERIODS, Part, Period
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.numeric import babel_locale
from guanxi.schema.registry import snapshot

MOST_GROUPS = 50_000
"""Groups that a summary may have: what is more than that is no summary."""
FAR = 1_000_000
"""More than any position: what comes after all of another pipeline."""
FAMILIES = frozenset({"choice", "lookup", "boolean", "date", "datetime"})
SUMMED = frozenset({"money", "integer", "percent", "formula"})


Place = tuple[int, str]
Named = dict[str, str]
"""What values are called, in the order in which they stand."""


class Line(NamedTuple):
    """One group: its values as texts (empty for nothing), how many records it has, and what they come to.

    Money is in hundredths of the company's currency.
    """

    values: tuple[str, ...]
    number: int
    sums: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was asked for, in the order of the groups."""

    kind: ObjectType
    parts: tuple[Part, ...]
    by: tuple[FieldDefinition, ...]
    sums: tuple[FieldDefinition, ...]
    names: tuple[Named, ...]
    """For each of the parts, what its values are called."""
    groups: Groups
    """In the order in which they stand; their values are texts."""
    totals: Totals
    kept: bool
    """Whether it was read from kept sums. Those are exact too: each change brings its own share along."""

    def lines(self) -> list[Line]:
        """The groups as lines of a table."""
        return [Line(values, *totals) for values, totals in self.groups.items()]

    def labels(self, line: Line) -> tuple[str, ...]:
        """What the values of a group are called."""
        return tuple(map(dict.__getitem__, self.names, line.values))

    def conditions(self, line: Line) -> tuple[Tree, ...]:
        """For each of the values, the condition that its records meet."""
        return tuple(map(condition_of, self.parts, self.by, line.values))


def groupable(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """The fields that a summary can group by."""
    dated = ("date", "datetime")
    offered = (field for field in _comparable(actor, kind) if field.kind.family in FAMILIES)
    return [field for field in offered if field.kind.groupable or field.kind.family in dated]


def summable(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """The fields that a summary can add up."""
    found = [field for field in _comparable(actor, kind) if field.kind.name in SUMMED]
    return [field for field in found if field.kind.name != "percent"]


def part_of(actor: Actor, kind: ObjectType, text: str) -> Part:
    """What ``stage`` or ``close_on:month`` names; dates go by month where nothing is said. :class:`QueryError` otherwise."""
    name, _colon, period = text.strip().partition(":")
    field = find_field(name, kind, actor)
    if field.key not in {one.key for one in groupable(actor, kind)}:
        raise QueryError(
            _("“%(field)s” cannot be grouped by. Choose a choice, a link or a date.") % {"field": field.label}
        )
    dated = field.kind.family in ("date", "datetime")
    if period and (period not in PERIODS or not dated):
        raise QueryError(_("“%(period)s” is no period. Use day, month, quarter or year.") % {"period": period[:20]})
    chosen: Period = next((one for one in PERIODS if one == period), "month")
    return Part(field.key, chosen if dated else "")


def summarise(
    actor: Actor,
    object_key: str,
    query: Tree | None,
    by: Sequence[Part],
    sums: Sequence[str],
    *,
    live: bool = False,
    most: int | None = None,
) -> Summary:
    """Count the records that meet the condition, and add fields up, per group; :class:`QueryError` for what cannot be.

    ``live`` adds up the records themselves even where sums are kept. More than ``most`` groups are refused.
    """
    most = MOST_GROUPS if most is None else most
    kind = snapshot().get(object_key)
    parts = tuple(dict.fromkeys(by))
    if len(parts) > MOST_PARTS:
        raise QueryError(_("Group by at most %(most)d fields.") % {"most": MOST_PARTS})
    fields = tuple(find_field(part.field, kind, actor) for part in parts)
    added = tuple(find_field(key, kind, actor) for key in dict.fromkeys(sums))
    for field in added:
        if field.kind.name not in SUMMED or field.kind.name == "percent":
            raise QueryError(
                _("“%(field)s” cannot be added up. Choose a number or an amount.") % {"field": field.label}
            )
    keys = [field.key for field in added]
    found, kept = totals(actor, kind, query, parts, keys, live=live, most=most)
    groups = found.under([_in_periods(part, column) for part, column in zip(parts, found.values, strict=True)])
    if len(found.numbers) > most:
        raise QueryError(
            _("This makes more than %(most)d groups. Filter the list, or group by something with fewer values.")
            % {"most": most}
        )
    names = tuple(map(partial(_names, actor), parts, fields, groups.values))
    return Summary(kind, parts, fields, added, names, groups.taken(_order(groups, names)), groups.whole(), kept)


def condition_of(part: Part, field: FieldDefinition, value: str) -> Tree:
    """The condition that the records of one value of a part meet."""
    if value == "":
        return Condition(part.field, "empty")
    if part.period == "quarter":
        year, quarter = value.split("-Q")
        first = int(quarter) * 3 - 2
        return Group(
            "and",
            (
                Condition(part.field, "ge", f"{year}-{first:02d}"),
                Condition(part.field, "le", f"{year}-{first + 2:02d}"),
            ),
        )
    return Condition(part.field, "eq", int(value) if field.kind.family == "lookup" else value)


def _comparable(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """What the actor may compare: a masked value would be told by its group."""
    shown = (field for field in kind.fields.values() if field.shown and not field.virtual)
    return [field for field in shown if actor.field_level(kind.key, field.key) in ("read", "write")]


def _in_periods(part: Part, months: Sequence[str]) -> Sequence[str]:
    """The quarters or years of months; other values as they are."""
    if part.period == "quarter":
        return [value and f"{value[:4]}-Q{(int(value[5:7]) + 2) // 3}" for value in months]
    return [value[:4] for value in months] if part.period == "year" else months


def _order(groups: Groups, names: Sequence[Named]) -> list[int]:
    """The places of the groups in their order; which of two values comes first is known from their names."""
    ranks = [dict(zip(one, range(len(one)), strict=True)) for one in names]
    places = [list(map(known.__getitem__, column)) for known, column in zip(ranks, groups.values, strict=True)]
    size = len(groups.numbers)
    return sorted(range(size), key=list(rows(places, size)).__getitem__)


def _names(actor: Actor, part: Part, field: FieldDefinition, column: Sequence[str]) -> Named:
    values = set(column)
    known = _known(actor, part, field, values)
    return {value: known[value][1] for value in sorted(values, key=known.__getitem__)}


def _known(actor: Actor, part: Part, field: FieldDefinition, values: set[str]) -> dict[str, tuple[Place, str]]:
    """What the values of a part are called, and what they are ordered by; nothing comes last."""
    filled = values - {""}
    match field.kind.family:
        case "lookup":
            known = _targets(actor, field, {int(value) for value in filled})
        case "choice":
            places = {option.key: (place, str(option.label)) for place, option in enumerate(field.spec.options)}
            known = {v: ((places[v][0], v), places[v][1]) if v in places else ((len(places), v), v) for v in filled}
        case "boolean":
            known = {v: ((int(v not in ("true", "1")), v), _("Yes") if v in ("true", "1") else _("No")) for v in filled}
        case _:
            known = {value: ((0, value), _day_in_words(actor, value)) for value in filled}
    return known | {"": ((2**31, ""), _("None"))}


def _targets(actor: Actor, field: FieldDefinition, ids: set[int]) -> dict[str, tuple[Place, str]]:
    """What records are called and ordered by: their position, or else their title. Those of several pipelines say which."""
    target = snapshot().get(field.spec.target)
    titles = _titles(actor, target, ids)
    places: dict[int, int] = {}
    if "position" in target.fields and ids:
        places = dict(_values(target, ids, "position"))
    if field.spec.depends in target.fields:
        above = {pk: one for pk, one in _values(target, ids, target.fields[field.spec.depends].attribute) if one}
        group = snapshot().get(target.fields[field.spec.depends].spec.target)
        known = _titles(actor, group, set(above.values()))
        if len(known) > 1:
            order = {pk: place for place, pk in enumerate(sorted(known, key=lambda pk: (known[pk], pk)))}
            titles = {pk: f"{title} · {known[above[pk]]}" if pk in above else title for pk, title in titles.items()}
            places = {pk: order[one] * FAR + min(places.get(pk, 0), FAR - 1) for pk, one in above.items()}
    return {str(pk): ((places.get(pk, 0), title), title) for pk, title in titles.items()}


def _titles(actor: Actor, target: ObjectType, ids: set[int]) -> dict[int, str]:
    found = labels_for(actor, {target.key: ids})
    return {pk: found.get((target.key, pk), f"{target.label} {pk}") for pk in ids}


def _values(target: ObjectType, ids: set[int], attribute: str) -> Iterable[tuple[int, Any]]:
    rows: Any = target.model._default_manager.filter(pk__in=ids)
    found: Iterable[tuple[int, Any]] = rows.values_list("pk", attribute)
    return found


def _day_in_words(actor: Actor, value: str) -> str:
    """A day, month, quarter or year as people write it."""
    chinese = actor.language.startswith("zh")
    year, _dash, rest = value.partition("-")
    if not rest:
        return f"{year}年" if chinese else year
    if rest.startswith("Q"):
        return f"{year}年第{rest[1:]}季度" if chinese else f"{rest} {year}"
    if len(value) == len("2026-03"):
        day = date(int(year), int(rest), 1)
        return format_date(day, "y年M月" if chinese else "MMM y", locale=babel_locale(actor.language))
    return value
