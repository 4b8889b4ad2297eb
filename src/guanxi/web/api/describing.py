"""The parts the OpenAPI description is put together from: operations with their answers, parameters, schemas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

Json = dict[str, Any]
JSON = "application/json"

TEXT: Json = {"type": "string"}
MAYBE_TEXT: Json = {"type": ["string", "null"]}
NUMBER: Json = {"type": "integer", "format": "int64"}
MAYBE_NUMBER: Json = {"type": ["integer", "null"], "format": "int64"}
COUNT: Json = {"type": "integer", "minimum": 0}
YES_NO: Json = {"type": "boolean"}
MOMENT: Json = {"type": "string", "format": "date-time"}
MAYBE_MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
DAY: Json = {"type": "string", "format": "date"}
ID: Json = {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1}

ERRORS = {
    "400": "Malformed",
    "401": "Unauthenticated",
    "403": "Refused",
    "404": "NotFound",
    "406": "NotAcceptable",
    "429": "TooMany",
    "500": "Failed",
}
"""Answers that every operation may give."""
BODY_ERRORS = {"413": "TooLarge", "415": "WrongMediaType", "422": "Invalid"}
WRITE_ERRORS = {"409": "Conflict", "422": "Invalid"}


def operation(
    name: str,
    tag: str,
    summary: str,
    result: Json | None = None,
    *,
    body: Json | None = None,
    body_required: bool = True,
    status: str = "200",
    parameters: Sequence[Json] = (),
    writes: bool = False,
    description: str = "",
    example: Any = None,
    sent: Any = None,
    headers: Json | None = None,
    more: Json | None = None,
) -> Json:
    """One operation with every answer it may give.

    ``result`` is the schema of the answer, none for 204; ``example`` one of it; ``body`` the schema of what is sent and
    ``sent`` an example of that; ``more`` are further answers by status. What ``writes`` takes an idempotency key.
    """
    writes = writes or body is not None
    success: Json = {"description": _("Done"), "headers": rate_headers() | (headers or {})}
    if result is not None:
        success["content"] = {JSON: content(result, example)}
    errors = ERRORS | (WRITE_ERRORS if writes else {}) | (BODY_ERRORS if body is not None else {})
    made: Json = {"operationId": name, "tags": [tag], "summary": summary}
    if description:
        made["description"] = description
    given = [*parameters, *([{"$ref": "#/components/parameters/IdempotencyKey"}] if writes else [])]
    if given:
        made["parameters"] = given
    if body is not None:
        made["requestBody"] = {"required": body_required, "content": {JSON: content(body, sent)}}
    told = {code: {"$ref": f"#/components/responses/{response}"} for code, response in sorted(errors.items())}
    made["responses"] = {status: success, **(more or {}), **told, "default": {"$ref": "#/components/responses/Problem"}}
    return made


def content(schema: Json, example: Any = None) -> Json:
    """A schema with an example, where there is one."""
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def rate_headers() -> Json:
    """The headers that tell how many requests are left."""
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def query(name: str, schema: Json, description: str, *, required: bool = False, example: Any = None) -> Json:
    """A parameter of the address."""
    made: Json = {"name": name, "in": "query", "schema": schema, "description": description}
    if required:
        made["required"] = True
    if example is not None:
        made["example"] = example
    return made


def in_path(name: str, schema: Json | None = None, description: str = "") -> Json:
    """A part of the path; the id of a record unless something else is said."""
    made: Json = {"name": name, "in": "path", "required": True, "schema": schema or ID}
    return made | {"description": description} if description else made


def header(name: str, schema: Json, description: str) -> Json:
    """A header that is sent."""
    return {"name": name, "in": "header", "schema": schema, "description": description}


def every(**properties: Json) -> Json:
    """An object all of whose properties are always there."""
    return {"type": "object", "required": list(properties), "properties": properties}


def some(**properties: Json) -> Json:
    """An object that may be sent with any of these properties and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


def needing(schema: Json, *names: str) -> Json:
    """An object of which these properties must be sent."""
    return {**schema, "required": list(names)}


def listed(item: Json, **more: Json) -> Json:
    """An answer with a list in ``data``."""
    return every(data=array(item), **more)


def array(item: Json, **limits: Any) -> Json:
    """A list."""
    return {"type": "array", "items": item, **limits}


def choice(names: Sequence[str], **more: Any) -> Json:
    """One of some words."""
    return {"type": "string", "enum": list(names), **more}


def ref(name: str) -> Json:
    """A schema with a name."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Json) -> Json:
    """The schema, or nothing."""
    return {"oneOf": [schema, {"type": "null"}]}


def location() -> Json:
    """The header that says where something new is."""
    return {"Location": {"schema": {"type": "string"}, "description": _("Where it is.")}}


def described(schema: Json, description: str) -> Json:
    """The schema with a sentence."""
    return {**schema, "description": description}
