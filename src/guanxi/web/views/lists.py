"""The list of an object in its three layouts, and the pieces of it that load on their own."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from guanxi.engine import query, read
from guanxi.engine.importing.fields import importable
from guanxi.engine.indexing.advice import missed
from guanxi.engine.indexing.building import can_index
from guanxi.engine.merging.run import can_merge
from guanxi.engine.retention.removal import KEPT_FOR_EVER
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web import rendering
from guanxi.web.cells import Cells, is_numeric
from guanxi.web.listing import ListState, read_state
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx, target
from guanxi.web.views import board, calendar, summary
from guanxi.web.widgets import may_ask

SIZE = 50
SLOW = 0.2
"""Seconds after which an administrator is told which index a filter misses."""


@require_GET
def index(request: Request, object_key: str) -> HttpResponse:
    """The list; htmx gets only the part that changes, or only further rows."""
    kind = readable(request.actor, object_key)
    state = read_state(request, kind)
    context = frame(request, state)
    if not state.error:
        try:
            context |= _content(request, state)
        except QueryError as error:
            if state.cursor:
                raise
            context["error"] = error.message
    if is_htmx(request) and state.cursor and target(request) != "list":
        return rendering.fragment(request, "list/rows.html", context)
    if is_htmx(request) and target(request) == "list":
        return rendering.fragment(request, "list/region.html", context)
    return rendering.page(request, "list/page.html", context)


def frame(request: Request, state: ListState) -> dict[str, Any]:
    """What stands around the records in every layout."""
    kind, actor = state.kind, request.actor
    chips = query.chips(state.tree, kind, actor) if state.tree is not None else ()
    return {
        "kind": kind,
        "state": state,
        "error": state.error,
        "chips": chips,
        "here": kind.key,
        "page": None,
        "missed": [],
        "can_create": actor.can("create", kind.key) and kind.declaration.kind != "log",
        "can_edit": actor.can("edit", kind.key) and kind.declaration.kind != "log",
        "can_delete": actor.can("delete", kind.key),
        "can_restore": actor.can("restore", kind.key),
        "can_merge": can_merge(actor, kind),
        "can_purge": actor.can("administrate", kind.key) and kind.declaration.kind not in KEPT_FOR_EVER,
        "can_export": actor.can("export", kind.key),
        "can_import": importable(actor, kind) and actor.past is None and actor.observer is None,
        "owns_view": state.view is not None and state.view.owner_id == actor.user_id,
    }


def _content(request: Request, state: ListState) -> dict[str, Any]:
    if state.layout == "board":
        return board.content(request.actor, state)
    if state.layout == "calendar":
        return calendar.content(request.actor, state)
    if state.layout == "summary" and not state.deleted:
        return summary.content(request.actor, state)
    return table(request, state)


def table(request: Request, state: ListState) -> dict[str, Any]:
    """The rows of one page of the table."""
    actor = request.actor
    listing = read.Listing(
        query=state.tree,
        sort=state.sort,
        columns=(*state.columns, *(["status"] if "status" in state.kind.fields else [])),
        size=SIZE,
        cursor=state.cursor,
        count=state.cursor is None,
        deleted=state.deleted,
    )
    began = time.perf_counter()
    page = read.page(actor, state.kind.key, listing)
    took = time.perf_counter() - began
    # The status comes along unseen: a date is late only while its record is open.
    columns = tuple(field for field in page.columns if field.key in state.columns)
    return {
        "page": page,
        "columns": columns,
        "cells": Cells(actor, page.labels),
        "numeric": {field.key for field in columns if is_numeric(field)},
        "editable": {f.key for f in columns if may_ask(f, actor)} if not state.deleted else set(),
        "summable": bool(_summed(state.kind, columns)) and not state.deleted,
        "missed": missed(state.kind, state.tree) if took > SLOW and can_index(actor) else [],
    }


def _summed(kind: ObjectType, columns: tuple[FieldDefinition, ...]) -> list[str]:
    return [field.key for field in columns if field.kind.name in ("money", "formula") and not field.custom]


@require_GET
def totals(request: Request, object_key: str) -> HttpResponse:
    """The row of totals; apart from the page, because it looks at every record of the list."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    columns = tuple(
        kind.fields[k] for k in state.columns if k in kind.fields and actor.field_level(kind.key, k) != "hidden"
    )
    keys = [key for key in _summed(kind, columns) if actor.field_level(kind.key, key) in ("read", "write")]
    sums = read.sums(actor, kind.key, state.tree, keys) if keys and not state.error else {}
    reading = actor.reading(settings.GUANXI_CURRENCY)
    shown = {key: kind.fields[key].display(value, reading) for key, value in sums.items()}
    return rendering.fragment(request, "list/totals.html", {"columns": columns, "sums": shown})
