"""The indexes that administrators added, and adding another one."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.engine.field_index import BUILDING, FAILED, READY, FieldIndex
from guanxi.engine.indexing import building
from guanxi.engine.indexing.advice import lacking
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request

_COLORS = {BUILDING: "blue", READY: "green", FAILED: "red"}


@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """The indexes by object; ``POST`` adds one."""
    need_administrator(request.actor)
    if request.method == "POST":
        key, _dot, field = request.POST.get("field", "").partition(".")
        made = building.add(request.actor, key, field)
        return rendering.go(request, f"/jobs/{made.job}", _("The index is being built. Everybody can go on working."))
    kinds = [kind for kind in snapshot() if kind.declaration.kind in ("standard", "relation", "log")]
    context = {
        "rows": [_row(one) for one in building.listed(request.actor)],
        "choices": [(kind, fields) for kind in kinds if (fields := lacking(kind))],
        "here": "admin",
    }
    return rendering.page(request, "admin/indexes.html", context)


@require_POST
def remove(request: Request, index_id: int) -> HttpResponse:
    """Take one away."""
    building.remove(request.actor, index_id)
    return rendering.go(request, "/admin/indexes", _("The index was removed. Nothing but speed depended on it."))


def _row(one: FieldIndex) -> dict[str, object]:
    kind = snapshot().objects.get(one.object)
    field = kind.fields.get(one.field) if kind is not None else None
    states = {BUILDING: _("Being built"), READY: _("In use"), FAILED: _("Failed")}
    return {
        "index": one,
        "kind": kind,
        "object": kind.plural if kind is not None else one.object,
        "field": field.label if field is not None else one.field,
        "state": states[one.state],
        "color": _COLORS[one.state],
    }
