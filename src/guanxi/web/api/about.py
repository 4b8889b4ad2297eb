"""What the API says about itself and its caller, and the caller's keys."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import keys
from guanxi.kernel.errors import NotFound, Refused
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of
from guanxi.web.api.openapi import describe
from guanxi.web.problems import Malformed


@api("GET")
def openapi(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The OpenAPI description of everything the caller may use."""
    return JsonResponse(describe(actor), json_dumps_params={"ensure_ascii": False})


@api("GET")
def me(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who the caller is."""
    return JsonResponse({"id": actor.user_id, "name": actor.name, "language": actor.language})


@api("GET", "POST")
def key_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """``GET`` lists the caller's keys; ``POST`` makes one and shows its secret this once. A key cannot make keys."""
    if request.method == "GET":
        found = [{"id": key.pk, "name": key.name, "prefix": key.prefix, "rights": key.rights} for key in keys.of(actor)]
        return JsonResponse({"data": found})
    if request.headers.get("Authorization"):
        raise Refused(_("An API key cannot make other keys. Sign in to make one."))
    data = body_of(request)
    name, rights = data.get("name"), data.get("rights", [])
    if not isinstance(name, str) or not isinstance(rights, list) or not all(isinstance(right, str) for right in rights):
        raise Malformed(_("Send “name” and, if wanted, “rights” as a list."))
    key, secret = keys.issue(actor, name, rights)
    return JsonResponse({"id": key.pk, "name": key.name, "key": secret, "rights": key.rights}, status=201)


@api("DELETE")
def key_item(request: HttpRequest, actor: Actor, key_id: int) -> HttpResponse:
    """Revoke one of the caller's keys."""
    keys.revoke(actor, key_id)
    return HttpResponse(status=204)


@api("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing(request: HttpRequest, actor: Actor, path: str = "") -> HttpResponse:
    """Any other address below the API."""
    raise NotFound(_("There is nothing at this address of the API. See /api/v1/openapi.json."))
