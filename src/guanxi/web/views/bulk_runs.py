"""One mass change: how far it is, what it left out and why, and undoing all of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.engine.bulk import shown
from guanxi.engine.bulk.tables import BulkRun
from guanxi.engine.job import Job
from guanxi.engine.labels import labels_for
from guanxi.journal.models import ChangeSet
from guanxi.kernel.labels import Label
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.downloads import attached
from guanxi.web.request import Request, is_htmx, target
from guanxi.web.views.jobs import views

LISTED = 200


@require_GET
def show(request: Request, run_id: int) -> HttpResponse:
    """The page of a run; htmx asks again while its job goes on."""
    actor = request.actor
    made = shown.find(actor, run_id)
    job = Job.objects.filter(pk=made.job).select_related("started_by").first() if made.job is not None else None
    kind = snapshot().objects.get(made.object)
    by = labels_for(actor, {"user": {made.started_by_id}}) if made.started_by_id else {}
    context = {
        "run": made,
        "row": views(actor, [job])[0] if job is not None else None,
        "kind": kind,
        "title": _title(made, str(kind.plural) if kind else made.object),
        "values": _values(request, made),
        "by": by.get(("user", made.started_by_id or 0), "Guanxi"),
        "left": shown.rejected(actor, made, size=LISTED) if made.rejected else [],
        "listed": LISTED,
        "undone": made.change_set is not None and ChangeSet.objects.filter(undoes_id=made.change_set).exists(),
        "here": "jobs",
    }
    if is_htmx(request) and target(request) == "bulk-run":
        return rendering.fragment(request, "bulk/one.html", context)
    return rendering.page(request, "bulk/show.html", context)


@require_GET
def rejected(request: Request, run_id: int) -> StreamingHttpResponse:
    """The records left out, as a CSV file."""
    made = shown.find(request.actor, run_id)
    return attached(shown.as_csv(request.actor, made), f"{made.object}-{made.pk}.csv", "text/csv; charset=utf-8")


def _title(made: BulkRun, objects: str) -> str:
    words = {
        "update": _("Changing %(objects)s"),
        "add": _("Adding to %(objects)s"),
        "remove": _("Removing from %(objects)s"),
        "delete": _("Deleting %(objects)s"),
        "restore": _("Restoring %(objects)s"),
    }
    return words[made.operation] % {"objects": objects}


def _values(request: Request, made: BulkRun) -> list[tuple[str, str]]:
    """Each field with the value it was given, as people read it."""
    kind = snapshot().objects.get(made.object)
    lines = []
    for key, raw in made.values.items():
        field = kind.fields.get(key) if kind else None
        if field is None or request.actor.field_level(made.object, key) == "hidden":
            continue
        try:
            value = field.kind.parse(raw, field.spec)
        except ValueError:
            value = None
        lines.append((str(field.label), _shown(request, field, value)))
    return lines


def _shown(request: Request, field: FieldDefinition, value: Any) -> str:
    if value is None:
        return _("empty")
    if field.kind.family in ("lookup", "links"):
        ids = set(value) if isinstance(value, tuple) else {value}
        found = labels_for(request.actor, {field.spec.target: ids})
        return Label(", ", "、").text(request.actor.language).join(found.values()) or "•••"
    return field.display(value, request.actor.reading())
