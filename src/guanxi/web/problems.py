"""Errors of the API as ``application/problem+json`` (RFC 9457), in the caller's language, and the errors only it knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.dedupe.checking import matches_of
from guanxi.engine.matching.keeping import Duplicate
from guanxi.kernel.errors import GuanxiError, Invalid

MEDIA_TYPE = "application/problem+json"


class Unauthenticated(GuanxiError):
    """No usable key and no session."""

    status = 401
    code = "unauthenticated"


class Malformed(GuanxiError):
    """The request cannot be read."""

    status = 400
    code = "malformed"


class WrongMethod(GuanxiError):
    """The address does not know this method."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, methods: Sequence[str]) -> None:
        self.methods = methods
        super().__init__(_("Use one of these methods: %(methods)s.") % {"methods": ", ".join(methods)})


class NotAcceptable(GuanxiError):
    """The caller accepts none of the forms in which the answer can be given."""

    status = 406
    code = "not_acceptable"


class KeyInUse(GuanxiError):
    """The first request with the same idempotency key is still being answered."""

    status = 409
    code = "idempotency_key_in_use"


class PreconditionFailed(GuanxiError):
    """The record is no longer the one that ``If-Match`` names."""

    status = 412
    code = "precondition_failed"


class TooLarge(GuanxiError):
    """The body is larger than is taken."""

    status = 413
    code = "too_large"


class WrongMediaType(GuanxiError):
    """The body is not JSON."""

    status = 415
    code = "unsupported_media_type"


class KeyReused(GuanxiError):
    """The idempotency key was used for another request."""

    status = 422
    code = "idempotency_key_reused"


class PreconditionRequired(GuanxiError):
    """This installation takes changes only with ``If-Match``."""

    status = 428
    code = "precondition_required"


class TooMany(GuanxiError):
    """More requests than the caller has for the minute."""

    status = 429
    code = "too_many_requests"


class Failed(GuanxiError):
    """Something unexpected happened on our side."""

    status = 500
    code = "failed"


def problem(error: GuanxiError, actor: Actor | None = None) -> JsonResponse:
    """The response for an error; ``actor`` is told of records that are there already."""
    response = JsonResponse(as_problem(error, actor), status=error.status, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = MEDIA_TYPE
    return response


def as_problem(error: GuanxiError, actor: Actor | None = None) -> dict[str, Any]:
    """The error as JSON data; also what a row of many is refused with."""
    body: dict[str, Any] = {
        "type": f"urn:guanxi:problem:{error.code}",
        "title": titles().get(error.code) or titles()["error"],
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if isinstance(error, Invalid) and error.fields:
        body["errors"] = error.fields
    if isinstance(error, Duplicate) and actor is not None:
        body["duplicates"] = [match.as_json() for match in matches_of(actor, error.kind, error.found).matches]
    return body


def titles() -> dict[str, str]:
    """What each code means, in the caller's language."""
    return {
        "error": _("The request was not accepted"),
        "malformed": _("The request cannot be read"),
        "query": _("A parameter cannot be understood"),
        "unauthenticated": _("Not signed in"),
        "refused": _("Not allowed"),
        "needs_approval": _("Approval is needed"),
        "not_found": _("Not found"),
        "method_not_allowed": _("The address does not know this method"),
        "not_acceptable": _("No answer in the form asked for"),
        "duplicate": _("It is there already"),
        "conflict": _("It has changed in the meantime"),
        "idempotency_key_in_use": _("The same request is still being answered"),
        "idempotency_key_reused": _("The idempotency key belongs to another request"),
        "precondition_failed": _("The record has changed since it was read"),
        "precondition_required": _("The version of the record is missing"),
        "too_large": _("The body is too large"),
        "unsupported_media_type": _("The body is not JSON"),
        "invalid": _("Some values were not accepted"),
        "gone": _("The place in the feed no longer exists"),
        "too_many_requests": _("Too many requests"),
        "failed": _("Something went wrong on our side"),
    }
