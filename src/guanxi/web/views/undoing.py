"""Undo: the preview, doing it, and the page of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine import timeline, undo
from guanxi.engine.history import Line, described
from guanxi.engine.labels import labels_for
from guanxi.engine.undo import Change, Plan
from guanxi.engine.undo.activity import sees_all
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.cells import Cells
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx, wants_json

PEOPLE = 1000
SHOWN = 40
"""So many records of a plan are shown one by one."""


@dataclass(frozen=True)
class PlanLine:
    """One record of a plan: what will be done to it, or why not."""

    kind: ObjectType
    record: int
    title: str
    way: str
    lines: tuple[Line, ...]
    reason: str = ""


@require_http_methods(["GET", "POST"])
def change_set(request: Request, change_set_id: int) -> HttpResponse:
    """GET shows what undoing a change set would do, POST does it; ``record`` (object:id) leaves it at those records."""
    only = _only(request)
    if request.method == "GET":
        return _preview(request, undo.plan(request.actor, change_set_id, only), only is not None)
    if only is None and undo.is_large(change_set_id):
        undo.start_undo(request.actor, change_set_id)
        return rendering.done(_("It is being done; you are told when it is finished."), closeDialog=True, jobs=True)
    done = undo.undo(request.actor, change_set_id, only)
    said = told(done)
    if wants_json(request):
        return JsonResponse({"message": said, "undo": done.change_set})
    return rendering.done(said, done.change_set, closeDialog=True, refresh=True)


def told(done: undo.Undone) -> str:
    """What was done and what was left, in one or two sentences."""
    one, many = (
        ngettext("Done again for %(count)s record.", "Done again for %(count)s records.", done.records),
        ngettext("Undone for %(count)s record.", "Undone for %(count)s records.", done.records),
    )
    said = (one if done.again else many) % {"count": done.records}
    if not done.refused:
        return said
    left = ngettext("%(count)s was left as it is", "%(count)s were left as they are", len(done.refused))
    return f"{said} {left % {'count': len(done.refused)}}: {done.refused[0].reason}"


def _only(request: Request) -> list[tuple[str, int]] | None:
    named = request.GET.getlist("record") or request.POST.getlist("record")
    found = []
    for text in named:
        key, _colon, number = text.partition(":")
        pk = whole(number)
        if key not in snapshot().objects or pk is None:
            raise Invalid(_("Name records as object:number, such as account:12."))
        found.append((key, pk))
    return found or None


def _preview(request: Request, plan: Plan, narrowed: bool) -> HttpResponse:
    actor = request.actor
    refused = {id(one.change): one.reason for one in plan.refused}
    context = {
        "plan": plan,
        "lines": _lines(actor, plan.possible[:SHOWN], {}),
        "left": _lines(actor, [one.change for one in plan.refused[:SHOWN]], refused),
        "possible": len(plan.possible),
        "refused": len(plan.refused),
        "shown": SHOWN,
        "records": request.GET.getlist("record"),
        "narrowed": narrowed,
        "others": _others(plan) if narrowed else 0,
        "ways": {"values": _("former values come back"), "delete": _("goes to the recycle bin"),
                 "restore": _("comes back from the recycle bin")},
    }  # fmt: skip
    return rendering.fragment(request, "undo/dialog.html", context)


def _others(plan: Plan) -> int:
    """How many records the change set touched besides those looked at."""
    looked_at = {(one.object, one.record) for one in (*plan.possible, *(each.change for each in plan.refused))}
    rows = Entry.objects.filter(change_set=plan.change_set).values_list("object", "record").distinct()
    return max(0, rows.count() - len(looked_at))


def _lines(actor: Actor, changes: list[Change], reasons: dict[int, str]) -> list[PlanLine]:
    """Records of a plan with their fields as they will change: from what they are to what they were."""
    by_kind: dict[str, list[Change]] = {}
    for change in changes:
        by_kind.setdefault(change.object, []).append(change)
    found: dict[int, tuple[Line, ...]] = {}
    for key, group in by_kind.items():
        turned = [
            Entry(pk=index, object=key, record=one.record, verb="updated",
                  changes={name: [after, before] for name, (before, after) in one.changes.items()})
            for index, one in enumerate(group)
        ]  # fmt: skip
        lines = described(actor, snapshot().get(key), turned)
        found |= {id(one): lines[index] for index, one in enumerate(group) if one.way == "values"}
    titles = labels_for(actor, {key: {one.record for one in group} for key, group in by_kind.items()})
    return [
        PlanLine(
            snapshot().get(one.object), one.record, titles.get((one.object, one.record), ""), one.way,
            found.get(id(one), ()), reasons.get(id(one), ""),
        )
        for one in changes
    ]  # fmt: skip


@require_GET
def activity(request: Request) -> HttpResponse:
    """What was done: by oneself, or by everybody in the company where the person may see that."""
    actor = request.actor
    everybody = sees_all(actor) and request.GET.get("who", "all") != "me"
    asked: dict[str, Any] = {
        "everybody": everybody,
        "person": whole(request.GET.get("person", "")),
        "object_key": request.GET.get("object", ""),
        "start": _day(request.GET.get("from", "")),
        "end": _day(request.GET.get("to", "")),
        "before": whole(request.GET.get("before", "")),
    }
    found = undo.acts(actor, **asked)
    context: dict[str, Any] = {"found": found, "asked": asked, "address": _address(request), "verbs": _verbs()}
    if is_htmx(request):
        return rendering.fragment(request, "undo/acts.html", context)
    kinds = [kind for kind in snapshot() if kind.declaration.kind != "log" and actor.can("read", kind.key)]
    context |= {
        "here": "acts",
        "company": sees_all(actor),
        "kinds": sorted(kinds, key=lambda kind: str(kind.plural)),
        "people": _people(actor) if everybody else (),
    }
    return rendering.page(request, "undo/activity.html", context)


def _people(actor: Actor) -> list[tuple[int, str]]:
    rows = visible(actor, snapshot().get("user")).order_by("name", "pk").values_list("pk", "name")
    return list(rows[:PEOPLE])


def _verbs() -> dict[str, str]:
    return {
        "created": _("created"), "updated": _("changed"), "deleted": _("moved to the recycle bin"),
        "restored": _("restored"), "merged": _("merged"), "unmerged": _("merge taken back"),
        "purged": _("removed for good"), "redacted": _("redacted"),
        "shared": _("shared"), "unshared": _("sharing ended"), "file_added": _("file added"),
        "file_removed": _("file removed"), "rights_changed": _("rights changed"), "roles_changed": _("roles changed"),
    }  # fmt: skip


def _address(request: Request) -> str:
    kept = request.GET.copy()
    kept.pop("before", None)
    return f"/activity?{kept.urlencode()}" if kept else "/activity?"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("Write the day as year-month-day, such as 2026-03-31.")) from None


@require_GET
def history(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """The history of a record, narrowed to a field, a person or days; with the way to undo each change."""
    actor = request.actor
    kind = readable(actor, object_key)
    get = request.GET
    only = timeline.Filter(
        get.get("field", ""), whole(get.get("person", "")), _day(get.get("from", "")), _day(get.get("to", ""))
    )
    found = timeline.history(actor, kind.key, record_id, get.get("cursor") or None, only=only)
    kept = get.copy()
    kept.pop("cursor", None)
    context = {
        "kind": kind,
        "record_id": record_id,
        "stream": found,
        "cells": Cells(actor, {}),
        "only": only,
        "more": f"/o/{kind.key}/{record_id}/history?{kept.urlencode()}",
        "fields": [f for f in actor.visible_fields(kind) if f.spec.audited and f.shown and not f.spec.quiet],
        "undoable": actor.can("edit", kind.key),
        "filtering": not get.get("cursor"),
    }
    return rendering.fragment(request, "undo/history.html", context)
