"""The briefing: the figures that are looked at every day, under the viewer's permissions, each a link to its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.actor import Actor
from guanxi.engine import query, replicas, summaries
from guanxi.engine.query import Tree, both
from guanxi.engine.summaries import Line, Summary
from guanxi.kernel.errors import QueryError
from guanxi.schema.aggregates import Tile
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import addresses, rendering
from guanxi.web.reading import compact
from guanxi.web.request import Request
from guanxi.web.views.home import of_people

BARS = 12
"""Bars of a chart; with more, the first ones are shown."""
WHOSE = ("mine", "team", "all")


@dataclass(frozen=True)
class Bar:
    """One group of a chart."""

    label: str
    count: int
    text: str
    share: int
    href: str


@dataclass(frozen=True)
class Shown:
    """A tile as it is drawn: a figure, or bars."""

    kind: ObjectType
    label: str
    text: str
    note: str
    href: str
    bars: tuple[Bar, ...] = ()
    chart: bool = False


@require_GET
def briefing(request: Request) -> HttpResponse:
    """The page."""
    actor = request.actor
    whose = request.GET.get("whose", "all")
    whose = whose if whose in WHOSE else "all"
    with replicas.reading() as behind:
        shown = [
            one
            for kind in snapshot()
            if kind.declaration.tiles and actor.can("read", kind.key)
            for tile in kind.declaration.tiles
            if (one := _tile(actor, kind, tile, whose)) is not None
        ]
    context: dict[str, Any] = {
        "here": "briefing",
        "whose": whose,
        "behind": behind,
        "figures": [one for one in shown if not one.chart],
        "charts": [one for one in shown if one.chart],
        "choices": {"mine": _("Mine"), "team": _("My team"), "all": _("All I see")},
    }
    return rendering.page(request, "briefing.html", context)


def _tile(actor: Actor, kind: ObjectType, tile: Tile, whose: str) -> Shown | None:
    """The tile; nothing where the actor may not compare what it is made of."""
    try:
        tree = _narrowed(actor, kind, tile.query, whose)
        found = _found(actor, kind, tile, tree)
        href = _href(kind, tree)
        if tile.by is not None:
            bars = _bars(actor, kind, tile, tree, found)
            return Shown(kind, str(tile.label), _text(actor, tile, found), "", href, bars, chart=True)
        if tile.of:
            whole = _found(actor, kind, tile, _narrowed(actor, kind, tile.of, whose)).totals.number
            text = f"{round(100 * found.totals.number / whole)}%" if whole else "–"
            note = _("%(number)s of %(whole)s") % {"number": f"{found.totals.number:,}", "whole": f"{whole:,}"}
            return Shown(kind, str(tile.label), text, note, href)
        note = _("%(number)s %(objects)s") % {"number": f"{found.totals.number:,}", "objects": kind.plural}
        if tile.before:
            earlier = _found(actor, kind, tile, _narrowed(actor, kind, tile.before, whose))
            note = _("%(before)s in the month before") % {"before": _text(actor, tile, earlier)}
        return Shown(kind, str(tile.label), _text(actor, tile, found), note, href)
    except QueryError:
        return None


def _narrowed(actor: Actor, kind: ObjectType, line: str, whose: str) -> Tree | None:
    if whose == "all":
        return query.parse(line, kind, actor)
    return of_people(actor, kind, line, "me" if whose == "mine" else "my_team")


def _found(actor: Actor, kind: ObjectType, tile: Tile, tree: Tree | None) -> Summary:
    return summaries.summarise(actor, kind.key, tree, (tile.by,) if tile.by else (), (tile.sum,) if tile.sum else ())


def _bars(actor: Actor, kind: ObjectType, tile: Tile, tree: Tree | None, found: Summary) -> tuple[Bar, ...]:
    lines = found.lines()
    if tile.top:
        lines = sorted(lines, key=lambda line: -_size(tile, line))[: tile.top]
    largest = max((_size(tile, line) for line in lines), default=0) or 1
    return tuple(
        Bar(
            found.labels(line)[0],
            line.number,
            compact(_size(tile, line), settings.GUANXI_CURRENCY, actor) if tile.sum else f"{line.number:,}",
            round(100 * max(0, _size(tile, line)) / largest),
            _href(kind, both(tree, found.conditions(line)[0])),
        )
        for line in lines[:BARS]
    )


def _size(tile: Tile, line: Line) -> int:
    return line.sums[0] if tile.sum else line.number


def _text(actor: Actor, tile: Tile, found: Summary) -> str:
    if tile.sum:
        return compact(found.totals.sums[0], settings.GUANXI_CURRENCY, actor)
    return f"{found.totals.number:,}"


def _href(kind: ObjectType, tree: Tree | None) -> str:
    return addresses.listing(kind.key, q=query.format(tree) if tree else "")
