"""What every part of the OpenAPI description refers to: problems, headers, parameters, ways to sign in."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.web.api.describing import ERRORS, Json, array, content, every
from guanxi.web.problems import MEDIA_TYPE, titles

_CODES = {
    "Malformed": (400, "malformed"),
    "Unauthenticated": (401, "unauthenticated"),
    "Refused": (403, "refused"),
    "NotFound": (404, "not_found"),
    "NotAcceptable": (406, "not_acceptable"),
    "Conflict": (409, "conflict"),
    "PreconditionFailed": (412, "precondition_failed"),
    "TooLarge": (413, "too_large"),
    "WrongMediaType": (415, "unsupported_media_type"),
    "Invalid": (422, "invalid"),
    "PreconditionRequired": (428, "precondition_required"),
    "TooMany": (429, "too_many_requests"),
    "Failed": (500, "failed"),
    "Gone": (410, "gone"),
}


def components(schemas: Json) -> Json:
    """The components, with the schemas collected from everywhere."""
    return {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": _("An API key of a person.")},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": _(
                    "The session of a signed-in person; what writes needs the header X-CSRFToken as well."
                ),
            },
        },
        "parameters": _parameters(),
        "headers": _headers(),
        "responses": _responses(),
        "schemas": {"Problem": problem(), **schemas},
    }


def problem() -> Json:
    """The schema of an error."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "description": _("Names the kind of problem for programs.")},
            "title": {
                "type": "string",
                "description": _("The kind of problem in a few words, in the caller's language."),
            },
            "status": {"type": "integer"},
            "code": {"type": "string", "description": _("The last part of the type.")},
            "detail": {"type": "string", "description": _("A sentence for people that says what to do.")},
            "duplicates": {
                "type": "array",
                "description": _("Records that are there already, where a rule refuses another one."),
                "items": {"$ref": "#/components/schemas/DuplicateMatch"},
            },
            "errors": {
                "type": "object",
                "description": _("What is wrong with each field; “” holds what is wrong with the whole."),
                "additionalProperties": array({"type": "string"}),
            },
        },
    }


def _responses() -> Json:
    named = titles()
    found: Json = {"Problem": _response(_("What went wrong and what to do"))}
    for name, (status, code) in _CODES.items():
        example = {
            "type": f"urn:guanxi:problem:{code}",
            "title": named[code],
            "status": status,
            "code": code,
            "detail": named[code],
        }
        if name == "Invalid":
            example["errors"] = {"name": [_("Please fill in %(field)s.") % {"field": "name"}]}
        found[name] = _response(named[code], example)
    found["TooMany"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": _("Seconds to wait.")}}
    found["Unauthenticated"]["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def _response(description: str, example: Json | None = None) -> Json:
    return {
        "description": description,
        "content": {MEDIA_TYPE: content({"$ref": "#/components/schemas/Problem"}, example)},
    }


def _headers() -> Json:
    whole = {"type": "integer"}
    return {
        "RateLimit-Limit": {"schema": whole, "description": _("Requests the caller has for a minute.")},
        "RateLimit-Remaining": {"schema": whole, "description": _("Requests that are left of them.")},
        "RateLimit-Reset": {"schema": whole, "description": _("Seconds until the minute begins anew.")},
        "ETag": {
            "schema": {"type": "string"},
            "description": _("The version of the record, for If-Match and If-None-Match."),
        },
    }


def _parameters() -> Json:
    return {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            "description": _(
                "A name of your own for this request, such as a UUID. Sent again within 24 hours, it is answered as before "
                "and done once."
            ),
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "schema": {"type": "string", "examples": ['"4-6f1e2a9b0c3d4e5f"']},
            "description": _("The ETag of the record as it was read; 412 when it has changed since."),
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "schema": {"type": "string", "examples": ['"4-6f1e2a9b0c3d4e5f"']},
            "description": _("The ETag of the answer you have; 304 when it is still the same."),
        },
    }


__all__ = ["ERRORS", "components", "every", "problem"]
