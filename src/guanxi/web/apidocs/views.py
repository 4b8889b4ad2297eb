"""The pages of the documentation: an introduction, and one page per area."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.actor import Actor
from guanxi.schema.registry import snapshot
from guanxi.web import errors, rendering
from guanxi.web.api.bodies import MAX_BODY
from guanxi.web.api.openapi import describe
from guanxi.web.apidocs import model
from guanxi.web.middleware import to_sign_in
from guanxi.web.problems import titles


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What holds for all operations."""
    actor = _actor(request)
    if actor is None:
        return to_sign_in(request)
    document = describe(actor)
    context = {
        **_shared(request, document, ""),
        "rate": settings.GUANXI_API_RATE,
        "preconditions": settings.GUANXI_API_PRECONDITIONS,
        "largest": MAX_BODY,
        "problems": _problems(),
    }
    return rendering.page(request, "apidocs/index.html", context)


@require_GET
def area(request: HttpRequest, key: str) -> HttpResponse:
    """The operations of one object, or of what belongs to none."""
    actor = _actor(request)
    if actor is None:
        return to_sign_in(request)
    document = describe(actor)
    context = _shared(request, document, key)
    found = next((one for one in context["chapters"] if one.key == key), None)
    if found is None:
        return errors.page(request, 404, _("There is nothing at this address of the documentation."))
    kind = snapshot().objects.get(key)
    more = {
        "chapter": found,
        "operations": model.operations(document, key, context["base"]),
        "picture": kind.icon if kind else "plug",
        "may_try": actor.observer is None,
    }
    return rendering.page(request, "apidocs/area.html", context | more)


def _actor(request: HttpRequest) -> Actor | None:
    return getattr(request, "actor", None)


def _shared(request: HttpRequest, document: dict[str, Any], key: str) -> dict[str, Any]:
    found = model.areas(document)
    objects = {kind.key for kind in snapshot()}
    return {
        "chapters": found,
        "groups": [
            (_("General"), [one for one in found if one.key not in objects]),
            (_("Objects"), [one for one in found if one.key in objects]),
        ],
        "chosen": key,
        "base": request.build_absolute_uri("/api/v1"),
        "version": document["info"]["version"],
        "here": "api-docs",
    }


def _problems() -> list[tuple[int, str, str]]:
    """Status, code and meaning of every problem."""
    named = titles()
    statuses = {
        **{"malformed": 400, "query": 400, "unauthenticated": 401, "refused": 403, "not_found": 404},
        **{
            "method_not_allowed": 405,
            "not_acceptable": 406,
            "conflict": 409,
            "idempotency_key_in_use": 409,
            "gone": 410,
        },
        **{"precondition_failed": 412, "too_large": 413, "unsupported_media_type": 415, "invalid": 422},
        **{"idempotency_key_reused": 422, "precondition_required": 428, "too_many_requests": 429, "failed": 500},
    }
    return [(status, code, named[code]) for code, status in statuses.items()]
