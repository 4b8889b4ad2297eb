"""Indexes through the API: what was added, adding one, taking one away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.indexing import building
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import body_of
from guanxi.web.problems import Malformed


@api("GET", "POST")
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The indexes that were added; ``POST`` adds one, which a job builds."""
    if request.method == "GET":
        return respond({"data": [_as_json(one) for one in building.listed(actor)]})
    body = body_of(request, ("object", "field"))
    key, field = body.get("object"), body.get("field")
    if not isinstance(key, str) or not isinstance(field, str):
        raise Malformed(_("The body holds “object” and “field”: the keys of an object and of one of its fields."))
    made = building.add(actor, key, field)
    response = respond(_as_json(made), 202)
    response["Location"] = f"/api/v1/jobs/{made.job}"
    return response


@api("DELETE")
def item(request: HttpRequest, actor: Actor, index_id: int) -> HttpResponse:
    """Take one away."""
    building.remove(actor, index_id)
    return HttpResponse(status=204)


def _as_json(one: FieldIndex) -> dict[str, Any]:
    return {
        "id": one.pk,
        "object": one.object,
        "field": one.field,
        "state": one.state,
        "job": one.job,
        "made_by": one.made_by,
        "made_at": one.made_at.isoformat().replace("+00:00", "Z"),
    }
