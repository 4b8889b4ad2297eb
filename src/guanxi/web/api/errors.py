"""Errors as ``application/problem+json`` (RFC 9457), in the caller's language."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse

from guanxi.kernel.errors import GuanxiError, Invalid


def problem(error: GuanxiError) -> JsonResponse:
    """The response for an error."""
    body: dict[str, Any] = {
        "type": f"urn:guanxi:problem:{error.code}",
        "title": error.code,
        "status": error.status,
        "detail": error.message,
    }
    if isinstance(error, Invalid) and error.fields:
        body["errors"] = error.fields
    response = JsonResponse(body, status=error.status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = "application/problem+json"
    return response
