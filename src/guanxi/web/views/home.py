"""The home page: what wants doing today. Built from presets (``today``, ``overdue``, ``mine``), boards and the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.actor import Actor
from guanxi.engine import query, read, recent, timeline
from guanxi.engine.query import Condition, Tree
from guanxi.engine.shapes import BoardView, Page
from guanxi.kernel import clock
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.numeric import babel_locale
from guanxi.schema.registry import snapshot
from guanxi.web import addresses, rendering
from guanxi.web.cells import Cells
from guanxi.web.reading import compact
from guanxi.web.request import Request

SIZE = 6
FACTS = 2
DONE = "complete"


@dataclass(frozen=True)
class Panel:
    """A short list on the home page."""

    kind: ObjectType
    title: str
    href: str
    page: Page
    cells: Cells
    facts: tuple[FieldDefinition, ...]
    tick: bool = False
    late: bool = False

    @property
    def count(self) -> str:
        """The number of records, bounded."""
        found = self.page.count
        return "" if found is None else f"{found.number:,}{'+' if found.more else ''}"


@dataclass(frozen=True)
class Bar:
    """One stage of the pipeline."""

    label: str
    color: str
    count: int
    amount: str
    share: int
    href: str


@dataclass(frozen=True)
class Pipeline:
    """One board in short."""

    kind: ObjectType
    bars: tuple[Bar, ...]
    total: str
    weighted: str
    count: int
    href: str


@require_GET
def home(request: Request) -> HttpResponse:
    """The page."""
    actor = request.actor
    leads = len(actor.access.reports_of(actor.user_id or 0)) > 1
    whose = request.GET.get("whose") or ("team" if leads else "mine")
    whom = "my_team" if leads and whose == "team" else "me"
    kinds = [kind for kind in snapshot() if actor.can("read", kind.key)]
    tasks = [
        panel
        for kind in kinds
        if kind.action(DONE)
        for panel in _panels(actor, kind, whom, ("overdue", "today"), tick=True)
    ]
    contacts = [
        panel
        for kind in kinds
        if not kind.declaration.stream and not kind.action(DONE)
        for panel in _panels(actor, kind, whom, ("today", "birthdays"))
    ]
    pipelines = [found for kind in kinds if (found := _pipeline(actor, kind, whom))]
    context: dict[str, Any] = {
        "here": "home",
        "leads": leads,
        "whose": whose,
        "greeting": _greeting(actor),
        "day": _day(actor),
        "tasks": tasks,
        "contacts": contacts,
        "pipelines": pipelines,
        "changes": timeline.recent(actor, 12),
        "recents": recent.of(actor, 6),
        "objects": snapshot().objects,
        "cells": Cells(actor, {}),
    }
    return rendering.page(request, "home.html", context)


def _greeting(actor: Actor) -> str:
    hour = timezone.localtime(clock.now(), actor.zone).hour
    name = {"name": actor.name}
    if hour < 5 or hour >= 18:
        return _("Good evening, %(name)s") % name
    return _("Good morning, %(name)s") % name if hour < 12 else _("Good afternoon, %(name)s") % name


def _day(actor: Actor) -> str:
    today = clock.today(actor.zone)
    locale = babel_locale(actor.language)
    return format_date(today, "full", locale=locale)


def _panels(actor: Actor, kind: ObjectType, whom: str, keys: tuple[str, ...], *, tick: bool = False) -> list[Panel]:
    found = []
    for preset in sorted((p for p in kind.presets if p.key in keys), key=lambda p: keys.index(p.key)):
        tree = of_people(actor, kind, preset.query, whom)
        columns = _facts(kind, preset.columns)
        listing = read.Listing(query=tree, sort=preset.sort, columns=columns, size=SIZE)
        page = read.page(actor, kind.key, listing)
        facts = tuple(field for field in page.columns if field.key != kind.title.key)
        title = f"{kind.plural} · {preset.label}" if len(kind.presets) else str(kind.plural)
        href = addresses.listing(kind.key, q=query.format(tree), sort=preset.sort)
        found.append(Panel(kind, title, href, page, Cells(actor, page.labels), facts, tick, preset.key == "overdue"))
    return found


def _facts(kind: ObjectType, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Two facts beside a title: what the record belongs to and when it is due."""
    listed = [
        key for key in (*wanted, *kind.declaration.list_columns) if key not in (kind.title.key, "owner", "status")
    ]
    dates = [key for key in listed if kind.fields[key].kind.family in ("date", "datetime")]
    others = [key for key in listed if kind.fields[key].kind.family in ("lookup", "choice")]
    chosen = [*others[:1], *dates[:1]] if dates else others[:FACTS]
    return (kind.title.key, *chosen, *(["status"] if "status" in kind.fields else []))


def of_people(actor: Actor, kind: ObjectType, line: str, whom: str) -> Tree | None:
    """A query line narrowed to the records of the person (``me``) or of the team (``my_team``)."""
    tree = query.parse(line, kind, actor)
    if not kind.owned:
        return tree
    others = tuple(part for part in query.conjuncts(tree) if not (isinstance(part, Condition) and part.path == "owner"))
    owner = Condition("owner", "eq", whom)
    return query.Group("and", (*others, owner)) if others else owner


def _pipeline(actor: Actor, kind: ObjectType, whom: str) -> Pipeline | None:
    """The open records of the person or team on a board that sums money."""
    if kind.board is None or not kind.board.amount or not kind.owned:
        return None
    preset = next((preset for preset in kind.presets if preset.key == "mine"), None)
    tree = of_people(actor, kind, preset.query if preset else "", whom)
    try:
        board = read.board(actor, kind.key, tree, None, size=1)
    except QueryError:
        return None
    return _summed(actor, kind, board, query.format(tree))


def _summed(actor: Actor, kind: ObjectType, board: BoardView, line: str) -> Pipeline | None:
    columns = [column for column in board.columns if column.category in ("", "open")]
    count = sum(column.count for column in columns)
    if not count:
        return None
    largest = max((column.amount or 0 for column in columns), default=0) or 1
    currency = settings.GUANXI_CURRENCY
    group = kind.fields[board.kind.board.group if board.kind.board else ""]
    bars = tuple(
        Bar(
            label=column.label,
            color=column.color,
            count=column.count,
            amount=compact(column.amount, currency, actor),
            share=round(100 * (column.amount or 0) / largest),
            href=_bar_href(kind, group, column.value, line),
        )
        for column in columns
    )
    return Pipeline(
        kind,
        bars,
        compact(sum(column.amount or 0 for column in columns), currency, actor),
        compact(sum(column.weighted or 0 for column in columns), currency, actor),
        count,
        addresses.listing(kind.key, layout="board", q=line),
    )


def _bar_href(kind: ObjectType, group: FieldDefinition, value: str, line: str) -> str:
    condition = f"{group.key}=#{value}" if group.kind.family == "lookup" else f"{group.key}={value}"
    return addresses.listing(kind.key, q=f"{line} {condition}".strip())
