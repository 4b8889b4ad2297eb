"""Search, notifications and following, in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import notifications, read
from guanxi.engine.notifications import choices, following
from guanxi.engine.notifications.kinds import CHANNELS
from guanxi.engine.search.showing import results, searched
from guanxi.kernel.errors import Invalid, NotFound, QueryError
from guanxi.web import addresses
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of, flag, number
from guanxi.web.api.finding import kind_of

MOST = 100


@api("GET", query=("q", "object", "limit"))
def search(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The best records a text finds, of every object or of one."""
    text, key = request.GET.get("q", "").strip(), request.GET.get("object", "")
    if not text:
        raise QueryError(_("Type a word to search for."))
    if key and key not in {kind.key for kind in searched(actor)}:
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": key[:63]})
    found = results(actor, text[:200], number(request, "limit", 20, MOST), (key,) if key else None)
    data = [
        {
            "object": one.kind.key,
            "id": one.id,
            "title": "".join(part for part, _hit in one.title),
            "subtitle": one.subtitle or None,
            "address": f"/api/v1/{one.kind.key}/{one.id}",
        }
        for one in found.items
    ]
    return _respond({"data": data, "more": found.more})


@api("GET", query=("unread", "limit", "before"))
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The caller's notifications, newest first."""
    only_unread = flag(request, "unread")
    before = request.GET.get("before")
    if before is not None and not (before.isascii() and before.isdigit() and len(before) < 19):
        raise QueryError(_("“%(name)s” is the “next” of another page.") % {"name": "before"})
    size = number(request, "limit", 50, MOST)
    found = notifications.page(actor, size, int(before) if before else None, only_unread=only_unread)
    data = [
        {
            "id": one.id,
            "kind": one.kind or None,
            "text": one.text,
            "object": one.object or None,
            "record": one.record,
            "address": addresses.notice(one),
            "created_at": one.created_at.isoformat().replace("+00:00", "Z"),
            "read": one.read_at is not None,
        }
        for one in found.items
    ]
    return _respond(
        {"data": data, "next": str(found.next) if found.next else None, "unread": notifications.unread(actor)}
    )


@api("POST")
def mark_read(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark the notifications named in ``ids``, or all, as read."""
    body = body_of(request)
    ids = body.get("ids")
    right = ids is None or (
        isinstance(ids, list)
        and len(ids) <= 1000
        and all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**63 for one in ids)
    )
    if not right or set(body) - {"ids"}:
        raise Invalid(
            _("Some values need attention."), {"ids": [_("Send at most 1,000 ids, or leave it out for all.")]}
        )
    return _respond({"marked": notifications.mark_read(actor, ids)})


@api("GET", "PATCH")
def notification_choices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What reaches the caller how; ``PATCH`` changes the kinds that are sent."""
    held = choices.get(actor)
    if request.method == "PATCH":
        held = choices.choose(actor, *_chosen(body_of(request)))
    channels = {key: [way for way in CHANNELS if way in ways] for key, ways in held.channels.items()}
    return _respond({"channels": channels, "digest_time": held.time, "digest_days": held.days})


def _chosen(body: dict[str, Any]) -> tuple[dict[str, list[str]], str | None, str | None]:
    wrong = {key[:63]: [_("There is no such field.")] for key in set(body) - {"channels", "digest_time", "digest_days"}}
    channels = body.get("channels", {})
    if not isinstance(channels, dict) or not all(
        isinstance(ways, list) and all(isinstance(way, str) for way in ways) for ways in channels.values()
    ):
        wrong["channels"] = [_("Choose from the list.")]
    for key in ("digest_time", "digest_days"):
        if not isinstance(body.get(key, ""), str):
            wrong[key] = [_("Enter a text.")]
    if wrong:
        raise Invalid(_("Some values need attention."), wrong)
    return channels, body.get("digest_time"), body.get("digest_days")


@api("GET", "PUT", "DELETE")
def follow(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Whether the caller follows a record; ``PUT`` follows it, ``DELETE`` no longer."""
    kind = kind_of(actor, object_key)
    held = following.follows(actor, kind.key, record_id)
    if request.method == "DELETE" and held:
        following.unfollow(actor, kind.key, record_id)
        return _respond({"follows": False})
    read.get(actor, kind.key, record_id)
    if request.method == "PUT":
        following.follow(actor, kind.key, record_id)
    return _respond({"follows": held or request.method == "PUT"})


def _respond(body: dict[str, Any]) -> JsonResponse:
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})
