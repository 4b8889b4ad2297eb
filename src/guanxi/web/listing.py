"""The state of a list: everything its address says, understood once and written back the same way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import preferences, query, views
from guanxi.engine.query import Tree
from guanxi.kernel import clock
from guanxi.kernel.errors import NotFound, QueryError
from guanxi.schema.declaration import Preset
from guanxi.schema.definition import ObjectType
from guanxi.web.numbers_in import whole
from guanxi.web.request import Request

YEARS = (1900, 2200)
"""The years a calendar is turned to."""
KEPT = ("preset", "view", "layout", "by", "sum", "q", "sort", "scope", "month", "mode", "deleted")


@dataclass(frozen=True)
class ListState:
    """One list as its address describes it."""

    kind: ObjectType
    parameters: dict[str, str]
    line: str
    """The typed query, as typed."""
    tree: Tree | None
    error: str
    sort: str
    columns: tuple[str, ...]
    layout: str
    preset: Preset | None = None
    view: Any = None
    views: tuple[Any, ...] = ()
    deleted: bool = False
    cursor: str | None = None
    scope: int | None = None
    month: date = field(default_factory=clock.today)
    mode: str = "month"
    by: str = ""
    """What a summary groups by, as in the address: ``stage,close_on:month``; empty for the object's own."""
    summed: str = ""
    """The fields that a summary adds up, separated by commas."""

    def url(self, **changes: object) -> str:
        """The address of this list with some parameters changed; an empty ``q`` is kept, since it means no filter."""
        wanted = {**self.parameters, **{key: "" if value is None else str(value) for key, value in changes.items()}}
        empty_line = "q" in wanted and bool(wanted.get("preset") or wanted.get("view"))
        kept = [(key, wanted[key]) for key in KEPT if wanted.get(key) or (key == "q" and empty_line)]
        return f"/o/{self.kind.key}" + (f"?{urlencode(kept)}" if kept else "")

    def fragment(self, part: str, **parameters: object) -> str:
        """The address of a piece of this list that the page loads on its own."""
        base = self.url().partition("?")
        more = urlencode({key: str(value) for key, value in parameters.items() if value is not None})
        joined = "&".join(filter(None, (base[2], more)))
        return f"{base[0]}/{part}" + (f"?{joined}" if joined else "")

    def sorted_by(self, key: str) -> str:
        """``ascending``, ``descending`` or nothing, for a column heading."""
        for part in self.sort.split(","):
            if part.strip().lstrip("-") == key:
                return "descending" if part.strip().startswith("-") else "ascending"
        return ""

    def sort_url(self, key: str) -> str:
        """Where a click on a column heading leads: ascending, then descending, then back to the list's own order."""
        state = self.sorted_by(key) if "sort" in self.parameters else ""
        return self.url(sort={"": key, "ascending": f"-{key}", "descending": ""}[state])


def read_state(request: Request, kind: ObjectType) -> ListState:
    """Understand the address of a list. A query that cannot be read leaves its error and the text as typed."""
    actor = request.actor
    given = {key: request.GET[key] for key in KEPT if key in request.GET}
    if len(request.GET.getlist("by")) > 1:
        # A form sends one for each of its fields.
        given["by"] = ",".join(filter(None, request.GET.getlist("by")))
    all_views = views.for_actor(actor, kind.key)
    view = _view(all_views, given)
    preset = (
        next((preset for preset in kind.presets if preset.key == given.get("preset")), None) if view is None else None
    )
    base_line, base_sort = ("", "")
    if view is not None:
        base_line, base_sort = view.query, view.sort
    elif preset is not None:
        base_line, base_sort = preset.query, preset.sort
    line = given.get("q", base_line)
    tree, error = _understood(line, kind, actor)
    layout = given.get("layout") or (view.layout if view is not None else "table")
    return ListState(
        kind=kind,
        parameters=given,
        line=line,
        tree=tree,
        error=error,
        sort=given.get("sort") or base_sort or kind.declaration.default_sort,
        columns=_columns(actor, kind, view, preset),
        layout=layout if _offered(kind, layout) else "table",
        preset=preset,
        view=view,
        views=tuple(all_views),
        deleted=given.get("deleted") == "1",
        cursor=request.GET.get("cursor") or None,
        scope=whole(given.get("scope", "")),
        month=_month(given.get("month", ""), actor),
        mode="week" if given.get("mode") == "week" else "month",
        by=given.get("by", view.by if view is not None else ""),
        summed=given.get("sum", view.summed if view is not None else ""),
    )


def _view(all_views: Any, given: dict[str, str]) -> Any:
    wanted = whole(given.get("view", ""))
    if wanted is not None:
        found = next((view for view in all_views if view.id == wanted), None)
        if found is None:
            raise NotFound(_("This view no longer exists, or it is not shared with you."))
        return found
    if not given:
        return next((view for view in all_views if view.is_default), None)
    return None


def _understood(line: str, kind: ObjectType, actor: Actor) -> tuple[Tree | None, str]:
    try:
        return query.parse(line, kind, actor), ""
    except QueryError as error:
        return None, error.message


def _columns(actor: Actor, kind: ObjectType, view: Any, preset: Preset | None) -> tuple[str, ...]:
    chosen = preferences.get(actor).columns.get(kind.key, ())
    wanted = (view.columns if view is not None else ()) or (preset.columns if preset else ()) or chosen
    title = kind.title.key
    known = [key for key in wanted if key in kind.fields and key != title]
    return (title, *known) if known else tuple(kind.declaration.list_columns) or (title,)


def _offered(kind: ObjectType, layout: str) -> bool:
    return (
        layout in ("table", "summary")
        or (layout == "board" and kind.board is not None)
        or (layout == "calendar" and kind.calendar is not None)
    )


def _month(text: str, actor: Actor) -> date:
    try:
        day = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return clock.today(actor.zone)
    return day if YEARS[0] <= day.year <= YEARS[1] else clock.today(actor.zone)
