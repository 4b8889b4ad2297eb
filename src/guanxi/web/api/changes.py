"""The feed of changes: the journal in order, for programs that keep a copy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from guanxi.access.actor import Actor
from guanxi.engine import changefeed
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import number


@api("GET", query=("after", "object", "limit"))
def feed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The changes behind ``after``, oldest first; ``next`` is where to go on, also when there is nothing yet."""
    get = request.GET
    size = number(request, "limit", 100, changefeed.MOST)
    found = changefeed.read(actor, get.get("after", ""), get.get("object", ""), size)
    return respond({"data": [_told(one) for one in found.items], "next": found.next, "more": found.more})


def _told(seen: changefeed.Seen) -> dict[str, Any]:
    entry = seen.entry
    return {
        "id": f"{entry.era}-{entry.pk}",
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "object": entry.object,
        "record": entry.record,
        "verb": entry.verb,
        "actor": entry.actor,
        "cause": entry.cause,
        "change_set": entry.change_set_id,
        "changes": seen.changes,
    }
