"""The page of one record and the pieces of it that load on their own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine import merging, notifications, preferences, read, recent, timeline, write
from guanxi.engine.merging.run import can_merge
from guanxi.engine.notifications import following
from guanxi.engine.retention import removal
from guanxi.engine.shapes import Page, RecordView
from guanxi.kernel.errors import NotFound
from guanxi.schema.declaration import Action, Related
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import addresses, rendering, stagepath, widgets
from guanxi.web.cells import Cells
from guanxi.web.permission import readable
from guanxi.web.request import Request
from guanxi.web.views.composing import composers

RELATED = 5


@dataclass(frozen=True)
class Property:
    """One field of the properties, and whether it can be changed where it stands."""

    field: FieldDefinition
    editable: bool


@dataclass(frozen=True)
class RelatedList:
    """One related list with its first rows."""

    label: str
    icon: str
    page: Page
    cells: Cells
    add: str
    all: str
    through: str
    columns: tuple[FieldDefinition, ...]


@require_GET
def show(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """The whole page. A record in the recycle bin is shown with the way back."""
    actor = request.actor
    kind = readable(actor, object_key)
    view: RecordView | None = None
    with suppress(NotFound):
        view = _find(actor, kind, record_id)
    merged_into = _merged_into(actor, kind, record_id) if view is None or view.row.deleted else None
    if merged_into is not None and "merged" not in request.GET:
        # What was merged is found where it went, unless somebody asks for the remains.
        return rendering.go(request, addresses.record(kind.key, merged_into))
    if view is None:
        raise read.missing(kind)
    recent.touch(actor, kind.key, record_id)
    notifications.mark_record_read(actor, kind.key, record_id)
    context = overview(actor, view)
    favourites = preferences.get(actor).favourites
    context |= {
        "here": kind.key,
        "path": stagepath.of(actor, view),
        "actions": _actions(actor, view),
        "composers": composers(actor, view) if not view.row.deleted else [],
        "stream": timeline.around(actor, kind, record_id) if not view.row.deleted else None,
        "merged_into": merged_into,
        "can_merge": can_merge(actor, kind) and "edit" in view.can,
        "starred": f"{kind.key}:{record_id}" in favourites,
        "followed": following.follows(actor, kind.key, record_id) if kind.declaration.kind == "standard" else None,
    }
    return rendering.page(request, "record/page.html", context)


def _merged_into(actor: Actor, kind: ObjectType, record_id: int) -> int | None:
    """The record that this one was merged into, if the actor may see it."""
    survivor = merging.survivor_of(kind.key, record_id)
    return survivor if survivor is not None and visible(actor, kind, narrow=True).filter(pk=survivor).exists() else None


def _find(actor: Actor, kind: ObjectType, record_id: int) -> RecordView:
    try:
        return read.get(actor, kind.key, record_id)
    except NotFound:
        if not actor.can("restore", kind.key):
            raise
    return read.get(actor, kind.key, record_id, deleted=True)


def overview(actor: Actor, view: RecordView) -> dict[str, Any]:
    """Highlights and properties, for the page and for the peek panel."""
    kind = view.kind
    seen = {field.key for field in view.fields}
    declared = kind.declaration
    subtitle = kind.fields.get(declared.subtitle)
    return {
        "kind": kind,
        "view": view,
        "row": view.row,
        "cells": Cells(actor, view.labels),
        "highlights": [kind.fields[key] for key in declared.highlights if key in seen],
        "subtitle": subtitle if subtitle and subtitle.key in seen else None,
        "sections": [
            (section.label, [_property(actor, view, kind.fields[key]) for key in section.fields if key in seen])
            for section in kind.sections
        ],
        "system": [kind.fields[k] for k in ("created_at", "created_by", "updated_at", "updated_by") if k in seen],
    }


def _property(actor: Actor, view: RecordView, field: FieldDefinition) -> Property:
    editable = view.row.editable and not view.row.deleted and field.key not in view.row.masked
    return Property(field, editable and widgets.may_ask(field, actor))


def _actions(actor: Actor, view: RecordView) -> list[Action]:
    declared = [action for action in view.kind.declaration.actions if action.right in view.can]
    if not declared or view.row.deleted:
        return []
    record = view.kind.model._default_manager.filter(pk=view.row.id).first()
    return [action for action in declared if record is not None and action.available(record)]


@require_GET
def peek(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """The panel beside a list."""
    actor = request.actor
    view = read.get(actor, readable(actor, object_key).key, record_id)
    context = overview(actor, view)
    context["stream"] = timeline.around(actor, view.kind, record_id, size=5)
    return rendering.fragment(request, "record/peek.html", context)


@require_GET
def stream(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Further or filtered items of the timeline."""
    actor = request.actor
    kind = readable(actor, object_key)
    only = request.GET.get("only", "")
    found = timeline.of(actor, kind.key, record_id, request.GET.get("cursor") or None, only=only)
    context = {"kind": kind, "record_id": record_id, "stream": found, "only": only, "cells": Cells(actor, {})}
    return rendering.fragment(request, "record/stream_items.html", context)


@require_GET
def related(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Every related list; loaded after the page, which does not wait for them."""
    actor = request.actor
    kind = readable(actor, object_key)
    view = read.get(actor, kind.key, record_id)
    lists = [_related(actor, view, one) for one in kind.related if actor.can("read", one.source)]
    return rendering.fragment(request, "record/related.html", {"lists": lists, "kind": kind})


def _related(actor: Actor, view: RecordView, declared: Related) -> RelatedList:
    source = snapshot().get(declared.source)
    page = read.related(actor, view.kind.key, view.row.id, declared, size=RELATED)
    via = source.fields[declared.via]
    value = f"{view.kind.key}:{view.row.id}" if via.kind.family == "reference" else str(view.row.id)
    condition = f'{declared.via}="{value}"' if via.kind.family == "reference" else f"{declared.via}=#{value}"
    creatable = actor.can("create", source.key) and source.declaration.kind in ("standard", "relation", "setup")
    shown = tuple(field for field in page.columns if field.key not in (source.title.key, declared.through))
    return RelatedList(
        label=str(declared.label or source.plural),
        icon=source.icon,
        page=page,
        cells=Cells(actor, page.labels),
        add=addresses.new(source.key, quick=1, stay="refresh", **{declared.via: value}) if creatable else "",
        all=addresses.listing(source.key, q=condition),
        through=declared.through,
        columns=shown,
    )


@require_POST
def delete(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Put one record into the recycle bin."""
    kind = readable(request.actor, object_key)
    with write.change(request.actor, cause="web") as door:
        door.delete(kind.key, [record_id])
    message = _("%(object)s moved to the recycle bin.") % {"object": kind.label}
    return rendering.go(request, addresses.listing(kind.key), message, door.change_set)


@require_POST
def restore(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Take one record out of the recycle bin."""
    kind = readable(request.actor, object_key)
    with write.change(request.actor, cause="web") as door:
        door.restore(kind.key, [record_id])
    message = _("%(object)s restored.") % {"object": kind.label}
    return rendering.go(request, addresses.record(kind.key, record_id), message, door.change_set)


@require_POST
def purge(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Remove one record from the recycle bin for good."""
    kind = readable(request.actor, object_key)
    removal.purge(request.actor, kind.key, [record_id], "web")
    message = _("%(object)s removed for good.") % {"object": kind.label}
    return rendering.go(request, f"{addresses.listing(kind.key)}?deleted=1", message)


@require_POST
def favourite(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Keep a record at hand in the navigation, or no longer."""
    actor = request.actor
    kind = readable(actor, object_key)
    name = f"{kind.key}:{record_id}"
    kept = list(preferences.get(actor).favourites)
    starred = name not in kept
    if starred:
        read.get(actor, kind.key, record_id)
    kept = [*kept, name] if starred else [one for one in kept if one != name]
    preferences.update(actor, favourites=kept)
    response = rendering.fragment(
        request, "record/star.html", {"kind": kind, "record_id": record_id, "starred": starred}
    )
    return rendering.toast(response, _("Added to favourites.") if starred else _("Removed from favourites."))
