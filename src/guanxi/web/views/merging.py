"""Merging records: side by side, field by field."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.access.actor import Actor
from guanxi.engine import merging
from guanxi.engine.labels import labels_for
from guanxi.engine.merging.preview import preview
from guanxi.engine.merging.run import mergeable
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid
from guanxi.schema import fields
from guanxi.schema.definition import ObjectType
from guanxi.web import addresses, rendering, widgets
from guanxi.web.cells import Cells
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx

CHOICE = "f-"
"""Before the key of a field in the form: whose value is taken."""


@require_http_methods(["GET", "POST"])
def merge(request: Request, object_key: str) -> HttpResponse:
    """GET shows the chosen records side by side, or asks for further ones; POST merges them."""
    kind = readable(request.actor, object_key)
    mergeable(request.actor, kind.key)
    given = request.POST if request.method == "POST" else request.GET
    ids = _ids(given)
    if request.method == "GET":
        return _show(request, kind, ids, whole(given.get("survivor", "")))
    survivor = whole(given.get("survivor", ""))
    if survivor not in ids:
        raise Invalid(_("Say which record is to be kept."))
    try:
        done = merging.merge(
            request.actor,
            kind.key,
            survivor,
            [pk for pk in ids if pk != survivor],
            _choices(given),
            versions=_versions(given, ids),
        )
    except (Invalid, Conflict) as error:
        return _show(request, kind, ids, survivor, error)
    count = len(done.losers) + 1
    words = ngettext("%(count)s record merged.", "%(count)s records merged into this one.", count) % {"count": count}
    return rendering.go(request, addresses.record(kind.key, survivor), words, done.change_set)


def _ids(given: QueryDict) -> list[int]:
    """The chosen records in the order in which they were named."""
    found = (whole(text) for text in given.getlist("id"))
    return list(dict.fromkeys(pk for pk in found if pk is not None))[: merging.MOST]


def _choices(given: QueryDict) -> dict[str, int | str]:
    choices: dict[str, int | str] = {}
    for name, text in given.items():
        if name.startswith(CHOICE) and isinstance(text, str):
            number = whole(text)
            choices[name.removeprefix(CHOICE)] = text if number is None else number
    return choices


def _versions(given: QueryDict, ids: Sequence[int]) -> dict[int, int]:
    found = {pk: whole(given.get(f"version-{pk}", "")) for pk in ids}
    return {pk: version for pk, version in found.items() if version is not None}


def _show(
    request: Request, kind: ObjectType, ids: Sequence[int], survivor: int | None, error: GuanxiError | None = None
) -> HttpResponse:
    actor = request.actor
    seen = preview(actor, kind.key, ids, survivor) if len(ids) > 1 else None
    context = {
        "kind": kind,
        "here": kind.key,
        "ids": ids,
        "seen": seen,
        "cells": Cells(actor, seen.labels) if seen else None,
        "error": error,
        "prefix": CHOICE,
        "all": merging.ALL,
        "most": merging.MOST,
        "another": _another(actor, kind),
        "without": {pk: _address(kind, [one for one in ids if one != pk]) for pk in ids},
        "created": kind.fields["created_at"],
        "only": _only(actor, kind, ids) if seen is None else None,
        "back": addresses.record(kind.key, ids[0]) if len(ids) == 1 else addresses.listing(kind.key),
    }
    status = 422 if error is not None else 200
    if is_htmx(request):
        return rendering.fragment(request, "merge/records.html", context, status)
    return rendering.page(request, "merge/page.html", context, status)


def _another(actor: Actor, kind: ObjectType) -> widgets.Asked:
    spec = fields.virtual("lookup", "Add a record", "添加记录", target=kind.key)
    return widgets.ask(actor, [("id", spec)], {})[0]


def _only(actor: Actor, kind: ObjectType, ids: Sequence[int]) -> str:
    """The title of the one record chosen so far."""
    return labels_for(actor, {kind.key: ids}).get((kind.key, ids[0]), "") if ids else ""


def _address(kind: ObjectType, ids: Sequence[int]) -> str:
    return f"/o/{kind.key}/merge?{'&'.join(f'id={pk}' for pk in ids)}"
