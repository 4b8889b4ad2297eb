"""Duplicates where people meet them: while a form is filled in, among the records there are, before a company is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.engine.dedupe import checking, limiting, reviewing, scanning
from guanxi.engine.dedupe.records import fields_of
from guanxi.engine.dedupe.taken import objects as taken_objects
from guanxi.engine.dedupe.taken import taken as find_taken
from guanxi.engine.job import UNFINISHED
from guanxi.engine.parse import parse_values
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.cells import Cells
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx

LONGEST = 200


@require_POST
def live(request: Request, object_key: str) -> HttpResponse:
    """What the values typed so far find; nothing when they find nothing."""
    actor = request.actor
    kind = readable(actor, object_key)
    if not (actor.can("create", kind.key) or actor.can("edit", kind.key)):
        raise Refused(_("You have no right to do this with %(object)s.") % {"object": kind.plural})
    limiting.admit(actor, "typing", limiting.TYPING)
    found = checking.check(actor, kind, typed(kind, request.POST), whole(request.GET.get("record", "")))
    return rendering.fragment(request, "duplicates/found.html", {"check": found})


def typed(kind: ObjectType, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The values typed so far, as far as they can be understood, of the fields that duplicates are told by."""
    values: dict[str, Any] = {}
    for field in fields_of(kind):
        if raw.get(field.key):
            try:
                values |= parse_values(kind, {field.key: raw[field.key]}, only=[field.key])
            except Invalid:
                continue
    if "name" in kind.fields and not values.get("name") and "family_name" in values | dict(raw):
        parts = [str(values.get(key) or "") for key in ("family_name", "given_name")]
        values["name"] = " ".join(filter(None, parts)) or None
    return values


@require_GET
def review(request: Request) -> HttpResponse:
    """The groups that the last scan of an object found."""
    actor = request.actor
    kinds = reviewing.reviewed(actor)
    wanted = request.GET.get("object", "")
    kind = next((one for one in kinds if one.key == wanted), kinds[0] if kinds else None)
    if kind is None:
        raise Refused(_("Your roles do not let you merge records. Ask an administrator if you need it."))
    found = reviewing.groups(actor, kind, whole(request.GET.get("after", "")) or 0)
    context = {"kinds": kinds, "kind": kind, "found": found, "cells": Cells(actor, found.labels), "here": "duplicates"}
    if is_htmx(request) and request.GET.get("after"):
        return rendering.fragment(request, "duplicates/groups.html", context)
    job = reviewing.latest_scan(kind)
    context |= {"job": job, "scanning": job is not None and job.status in UNFINISHED}
    return rendering.page(request, "duplicates/review.html", context)


@require_POST
def scan(request: Request) -> HttpResponse:
    """Look for duplicates of an object."""
    kind = snapshot().get(request.POST.get("object", ""))
    scanning.start(request.actor, kind.key)
    return rendering.go(
        request, f"/duplicates?object={kind.key}", _("Looking for duplicates. You are told when it is finished.")
    )


@require_POST
def apart(request: Request, group_id: int) -> HttpResponse:
    """The records of a group are not the same."""
    reviewing.set_apart(request.actor, group_id)
    response = HttpResponse("")
    return rendering.toast(response, _("Remembered: these records are not the same."))


@require_GET
def taken(request: Request) -> HttpResponse:
    """Is this company taken?"""
    actor = request.actor
    kinds = taken_objects(actor)
    if not kinds:
        raise NotFound(_("There is nothing in which you could look for companies."))
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = []
    if text:
        limiting.admit(actor, "taken", limiting.TAKEN)
        found = find_taken(actor, text)
    context = {"q": text, "found": found, "here": "taken", "kinds": kinds}
    if is_htmx(request):
        return rendering.fragment(request, "duplicates/taken_found.html", context)
    return rendering.page(request, "duplicates/taken.html", context)


def of_form(
    request: Request, kind: ObjectType, values: Mapping[str, Any], record: int | None = None
) -> checking.Check | None:
    """What stands against saving a form without a further look: records that a rule found equal and that the person has not
    been shown yet. ``None`` when nothing does."""
    if kind.declaration.duplicates is None or request.POST.get("duplicates_seen"):
        return None
    found = checking.check(request.actor, kind, values, record)
    return found if any(match.rules for match in found.matches) else None
