"""Errors as ``application/problem+json`` (RFC 9457), in the caller's language."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from guanxi.access.actor import Actor
from guanxi.engine.dedupe.checking import matches_of
from guanxi.engine.matching.keeping import Duplicate
from guanxi.kernel.errors import GuanxiError, Invalid
from guanxi.web.api.matches import as_json


def problem(error: GuanxiError, actor: Actor | None = None) -> JsonResponse:
    """The response for an error; ``actor`` is told of records that are there already."""
    body: dict[str, Any] = {
        "type": f"urn:guanxi:problem:{error.code}",
        "title": error.code,
        "status": error.status,
        "detail": error.message,
    }
    if isinstance(error, Invalid) and error.fields:
        body["errors"] = error.fields
    if isinstance(error, Duplicate) and actor is not None:
        body["duplicates"] = [as_json(match) for match in matches_of(actor, error.kind, error.found).matches]
    response = JsonResponse(body, status=error.status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/problem+json"
    return response
