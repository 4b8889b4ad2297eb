"""The page of all results of a search."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from guanxi.engine.search.showing import results, searched
from guanxi.web import rendering
from guanxi.web.request import Request, target

FIRST, MOST = 30, 200


@require_GET
def page(request: Request) -> HttpResponse:
    """What a text finds in every object, or in the one chosen; whole, or the results alone while the person types."""
    actor = request.actor
    text = request.GET.get("q", "").strip()[:200]
    kinds = searched(actor)
    chosen = request.GET.get("object", "")
    chosen = chosen if chosen in {kind.key for kind in kinds} else ""
    thorough = request.GET.get("all") == "1"
    found = results(actor, text, MOST if thorough else FIRST, (chosen,) if chosen else None, thorough=thorough)
    everyday = [kind for kind in kinds if kind.declaration.kind == "standard" or kind.key == chosen]
    context = {
        "text": text,
        "kinds": everyday,
        "chosen": chosen,
        "results": found,
        "most": thorough,
        "here": "search",
    }
    if target(request) == "results":
        return rendering.fragment(request, "search/results.html", context)
    return rendering.page(request, "search/page.html", context)
