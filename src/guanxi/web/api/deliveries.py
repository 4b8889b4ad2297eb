"""The journal's consumers and deliveries through the API, for administrators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.administration import deliveries
from guanxi.engine.administration.deliveries import MOST, STATUSES, Filter
from guanxi.journal.models import Delivery
from guanxi.kernel.errors import QueryError
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of
from guanxi.web.numbers_in import whole
from guanxi.web.problems import Malformed

PARAMETERS = ("status", "consumer", "target", "before")
_MOMENTS = ("created_at", "first_at", "next_at", "finished_at")


@api("GET")
def journal(request: HttpRequest, actor: Actor) -> HttpResponse:
    """How far each consumer is behind."""
    data = [
        {
            **{"consumer": lag.consumer, "behind": lag.entries, "more": lag.more},
            **{"since": _told(lag.since), "waiting": lag.waiting, "dead": lag.dead},
        }
        for lag in deliveries.lags(actor)
    ]
    return _respond({"data": data})


@api("GET", query=PARAMETERS)
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The newest 50 deliveries that match; ``next`` is what to send as ``before`` for older ones."""
    given = request.GET
    if "status" in given and given["status"] not in STATUSES:
        raise QueryError(_("“status” is one of %(choices)s.") % {"choices": ", ".join(STATUSES)})
    before = whole(given["before"]) or None if "before" in given else None
    if "before" in given and before is None:
        raise QueryError(_("“before” is the id of a delivery."))
    wanted = Filter(given.get("status", ""), given.get("consumer", ""), given.get("target", ""))
    rows, more = deliveries.page(actor, wanted, before)
    return _respond({"data": [as_json(row) for row in rows], "next": rows[-1].pk if more else None})


@api("GET")
def item(request: HttpRequest, actor: Actor, delivery_id: int) -> HttpResponse:
    """One delivery, with what was sent and answered."""
    found = deliveries.get(actor, delivery_id)
    return _respond({**as_json(found), "request": found.request or None, "response": found.response or None})


@api("POST")
def replay(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Let deliveries go again: ``ids``, or ``consumer`` with ``dead`` or ``since`` (and a ``target``)."""
    deliveries.need_administrator(actor)
    body = body_of(request)
    ids, consumer, target = body.get("ids"), body.get("consumer"), body.get("target")
    if isinstance(ids, list) and len(ids) <= MOST and all(type(pk) is int and 0 < pk < 2**63 for pk in ids):
        return _respond({"replayed": deliveries.replay(actor, ids)})
    if isinstance(consumer, str) and isinstance(target, str | None):
        if body.get("dead") is True:
            return _respond({"replayed": deliveries.replay_dead(actor, consumer, target)})
        moment = _moment(body.get("since"))
        if moment is not None:
            return _respond({"replayed": deliveries.replay_since(actor, consumer, moment, target)})
    raise Malformed(_("Send “ids”, or “consumer” with “dead”: true or “since”: a moment such as 2026-03-01T00:00:00Z."))


def _moment(given: Any) -> Any:
    try:
        found = parse_datetime(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def as_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API gives it, without what was sent."""
    plain = ("consumer", "target", "object", "record", "status", "attempts")
    return {
        "id": delivery.pk,
        "event": delivery.event,
        **{name: getattr(delivery, name) for name in plain},
        "error": delivery.error or None,
        "detail": deliveries.in_words(delivery.error, delivery.detail) or None,
        "response_status": delivery.response_status,
        **{name: _told(getattr(delivery, name)) for name in _MOMENTS},
    }


def _told(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _respond(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
