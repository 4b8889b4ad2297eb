"""Deliveries and journal: lag per consumer, what waits and what failed, and trying again."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.engine.administration import deliveries
from guanxi.engine.administration.deliveries import Filter
from guanxi.engine.parse import refusal
from guanxi.journal import consumers
from guanxi.journal.models import Delivery
from guanxi.kernel.errors import Invalid
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.numbers_in import whole, wholes
from guanxi.web.request import Request

COLORS = {Delivery.WAITING: "orange", Delivery.DONE: "green", Delivery.DEAD: "red"}


@require_GET
def index(request: Request) -> HttpResponse:
    """Consumers with their lag, targets in trouble, and the newest deliveries."""
    actor = request.actor
    wanted = Filter(*(request.GET.get(name, "")[:64] for name in ("status", "consumer", "target")))
    rows, more = deliveries.page(actor, wanted, whole(request.GET.get("before", "")))
    kept = {name: value for name in ("status", "consumer", "target") if (value := getattr(wanted, name))}
    context = {
        "lags": deliveries.lags(actor),
        "troubled": deliveries.troubled(actor),
        "rows": rows,
        "next": f"?{urlencode({**kept, 'before': rows[-1].pk})}" if more else "",
        "wanted": wanted,
        "filtered": bool(kept or request.GET.get("before")),
        "titles": deliveries.titles_of([(row.consumer, row.target) for row in rows]),
        "kinds": snapshot().objects,
        "outside": [consumer.name for consumer in consumers.deliveries()],
        "names": consumers.names(),
        "called": _called(),
        "statuses": _statuses(),
        "colors": COLORS,
        "words": deliveries.in_words,
        "here": "admin",
    }
    return rendering.page(request, "admin/journal.html", context)


def _called() -> dict[str, str]:
    """What the consumers of the program itself are called."""
    return {"search": _("Full-text search"), "notifications": _("Notifications"), "webhooks": _("Webhooks")}


def _statuses() -> dict[str, str]:
    return {Delivery.WAITING: _("Waiting"), Delivery.DONE: _("Delivered"), Delivery.DEAD: _("Failed for good")}


@require_GET
def show(request: Request, delivery_id: int) -> HttpResponse:
    """One delivery: what was sent, what was answered, what went wrong."""
    found = deliveries.get(request.actor, delivery_id)
    context = {
        "found": found,
        "kind": snapshot().objects.get(found.object),
        "title": deliveries.titles_of([(found.consumer, found.target)])[found.consumer, found.target],
        "request_body": _indented(found.request),
        "statuses": _statuses(),
        "colors": COLORS,
        "why": deliveries.in_words(found.error, found.detail),
        "here": "admin",
    }
    return rendering.page(request, "admin/delivery.html", context)


def _indented(body: str) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


@require_POST
def replay(request: Request) -> HttpResponse:
    """Let deliveries go again: those ticked, all dead ones of a target, or everything since a moment."""
    actor, what = request.actor, request.POST.get("what", "")
    deliveries.need_administrator(actor)
    consumer, target = request.POST.get("consumer", ""), request.POST.get("target")
    if what == "dead":
        number = deliveries.replay_dead(actor, consumer, target)
    elif what == "since":
        number = deliveries.replay_since(actor, consumer, _moment(request.POST.get("since", "")), target or None)
    else:
        ids = wholes(request.POST.getlist("id"))
        if not ids:
            raise Invalid(_("Tick the deliveries to send again first."))
        number = deliveries.replay(actor, ids)
    told = ngettext("%(num)d delivery goes again.", "%(num)d deliveries go again.", number) % {"num": number}
    back = f"/admin/journal/{request.POST['id']}" if what == "one" else "/admin/journal"
    return rendering.go(request, back, told)


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise refusal({"since": [_("Choose day and time.")]})
    return timezone.make_aware(found) if timezone.is_naive(found) else found
