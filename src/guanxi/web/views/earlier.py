"""Choosing the earlier day to look at, and going back to today."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access.actor import Actor
from guanxi.engine import past
from guanxi.kernel import clock
from guanxi.web import lookback, rendering
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def choose(request: Request) -> HttpResponse:
    """GET asks for the day, POST looks at it from the next page on."""
    if request.method == "GET":
        context = {"days": _days(request.actor), "day": lookback.held(request), "next": request.GET.get("next", "")}
        return rendering.fragment(request, "undo/day_dialog.html", context)
    moment = past.moment_of(request.POST.get("preset") or request.POST.get("day", ""), request.actor)
    request.session[lookback.KEY] = moment.isoformat()
    return rendering.go(request, _within(request))


def _within(request: HttpRequest) -> str:
    """An address of an object on this site, or the start page."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/o/") and "//" not in wanted and "\\" not in wanted else "/"


@require_POST
def end(request: Request) -> HttpResponse:
    """Back to today."""
    request.session.pop(lookback.KEY, None)
    return rendering.go(request, _within(request))


def _days(actor: Actor) -> list[tuple[str, date]]:
    """Ends of days, weeks, months, quarters and years that people ask for."""
    today = clock.now().astimezone(actor.zone).date()
    month = today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    one = timedelta(days=1)
    return [
        (_("Yesterday"), today - one),
        (_("A week ago"), today - 7 * one),
        (_("End of last month"), month - one),
        (_("End of last quarter"), quarter - one),
        (_("End of last year"), today.replace(month=1, day=1) - one),
    ]
