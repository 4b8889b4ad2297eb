"""What lookup fields offer while a person types."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.engine import read, search
from guanxi.engine.shapes import Choice
from guanxi.kernel.errors import NotFound
from guanxi.schema.registry import snapshot
from guanxi.web.colors import Colors
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request

LIMIT = 12


@require_GET
def choices(request: Request, object_key: str, field_key: str) -> HttpResponse:
    """Records a field can point to, as JSON. Other fields of the form come along for lookups that depend on them."""
    actor = request.actor
    kind = readable(actor, object_key)
    field = kind.fields.get(field_key)
    if field is None or actor.field_level(kind.key, field_key) in ("hidden", "masked"):
        raise NotFound(_("There is no such field."))
    text = request.GET.get("q", "")
    if field.kind.family == "reference":
        return JsonResponse({"choices": [_with_object(choice) for choice in search.find(actor, text, limit=LIMIT)]})
    agrees = whole(request.GET.get(field.spec.depends, "")) if field.spec.depends else None
    values = {field.spec.depends: agrees} if agrees is not None else {}
    found = read.choices(actor, field, text, values, limit=LIMIT)
    return JsonResponse(_answer(request, found, field.spec.target))


@require_GET
def targets(request: Request, object_key: str) -> HttpResponse:
    """Records of one object, for inputs of actions."""
    kind = readable(request.actor, object_key)
    listing = read.Listing(columns=(kind.title.key,), size=LIMIT, count=False)
    text = request.GET.get("q", "").strip()
    if text:
        found = search.find(request.actor, text, limit=LIMIT, objects=(kind.key,))
    else:
        page = read.page(request.actor, kind.key, listing)
        found = tuple(Choice(kind.key, row.id, row.title) for row in page.rows)
    return JsonResponse(_answer(request, found, kind.key))


def _answer(request: Request, found: tuple[Choice, ...], target: str) -> dict[str, object]:
    colors = Colors(request.actor)
    rows = [
        {"value": str(c.id), "title": c.title, "subtitle": c.subtitle, "color": colors.of(target, c.id) or ""}
        for c in found
    ]
    standard = target in snapshot().objects and request.actor.can("create", target) and target != "user"
    return {"choices": rows, "create": f"/o/{target}/new?quick=1" if standard else ""}


def _with_object(choice: Choice) -> dict[str, str]:
    label = str(snapshot().get(choice.object).label)
    return {
        "value": f"{choice.object}:{choice.id}",
        "title": choice.title,
        "subtitle": " · ".join(filter(None, (label, choice.subtitle))),
        "color": "",
    }
