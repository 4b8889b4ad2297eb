"""The OpenAPI description of exports and of the requests for them."""

from __future__ import annotations

from typing import Any

from guanxi.engine.export.order import FORMATS, FORMS, HEADINGS, MAX_IDS
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_REQUEST = {"$ref": "#/components/schemas/ExportRequestState"}
_TAG = "export_request"
_FILES: Json = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "format": "binary"}
    },
    "application/jsonl": {"schema": {"type": "string"}},
}


def _parameter(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_PARAMETERS = [
    _parameter("format", {"type": "string", "enum": list(FORMATS), "default": "csv"}, "The kind of file."),
    _parameter("q", {"type": "string"}, "A typed line (`stage:won amount>=1000`) or a JSON tree."),
    _parameter("sort", {"type": "string"}, "Field keys, `-` for descending, at most three."),
    _parameter("columns", {"type": "string"}, "Comma-separated field keys; every field when left out."),
    _parameter("ids", {"type": "string"}, f"Comma-separated record ids, at most {MAX_IDS}, to export a selection."),
    _parameter("headings", {"type": "string", "enum": list(HEADINGS), "default": "keys"}, "Field labels or keys."),
    _parameter(
        "form",
        {"type": "string", "enum": list(FORMS), "default": "data"},
        "As people read values, or as data that can be sent back. JSON lines are always in the form of the API.",
    ),
    _parameter("note", {"type": "boolean", "default": False}, "A last row with person and time (XLSX)."),
    _parameter("reason", {"type": "string", "maxLength": 2000}, "What the file is for; needed where approval is."),
]


def of(kind: ObjectType) -> Json:
    """The path of an object's export."""
    operation = {
        "operationId": f"{kind.key}_export",
        "tags": [kind.key],
        "summary": f"Export {kind.plural.en}",
        "parameters": _PARAMETERS,
        "responses": {
            "200": {"description": "The file", "content": _FILES},
            "202": {
                "description": "The export needs approval; `address` is the request made for it",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": _REQUEST}},
            },
            "default": _PROBLEM,
        },
    }
    return {f"/{kind.key}/export": {"get": operation}}


def requests() -> Json:
    """The paths of the requests."""
    one = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "format": "int64", "minimum": 1},
    }
    waiting = _parameter("waiting", {"type": "boolean", "default": False}, "Those that wait for the caller's decision.")
    page: Json = {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": _REQUEST}}}
    decision: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["approve"],
        "properties": {"approve": {"type": "boolean"}, "answer": {"type": "string", "maxLength": 2000}},
    }
    body = {"required": True, "content": {"application/json": {"schema": decision}}}
    base = "/export-requests"
    return {
        base: {"get": _operation("list", "The caller's export requests, the latest 100", page, parameters=[waiting])},
        f"{base}/{{id}}": {"parameters": [one], "get": _operation("get", "One export request", _REQUEST)},
        f"{base}/{{id}}/decide": {
            "parameters": [one],
            "post": _operation("decide", "Approve or refuse the export of somebody else", _REQUEST, requestBody=body),
        },
        f"{base}/{{id}}/download": {
            "parameters": [one],
            "post": {
                **_operation("download", "The file of an approved request, once, within seven days", _REQUEST),
                "responses": {"200": {"description": "The file", "content": _FILES}, "default": _PROBLEM},
            },
        },
    }


def _operation(verb: str, summary: str, result: Json, **more: Any) -> Json:
    success = {"description": "Done", "content": {"application/json": {"schema": result}}}
    return {
        "operationId": f"export_requests_{verb}",
        "tags": [_TAG],
        "summary": summary,
        "responses": {"200": success, "default": _PROBLEM},
        **more,
    }


def schemas() -> Json:
    """The schema of a request."""
    text: Json = {"type": "string"}
    number: Json = {"type": "integer", "format": "int64"}
    moment: Json = {"type": ["string", "null"], "format": "date-time"}
    properties: Json = {
        **{"id": number, "rows": number, "requested_by": number},
        **{"address": text, "object": text, "q": text, "sort": text, "reason": text},
        "state": {"type": "string", "enum": ["waiting", "approved", "refused", "done"]},
        "format": {"type": "string", "enum": list(FORMATS)},
        "headings": {"type": "string", "enum": list(HEADINGS)},
        "form": {"type": "string", "enum": list(FORMS)},
        "columns": {"type": "array", "items": text},
        "ids": {"type": "array", "items": number},
        "decided_by": {"type": ["integer", "null"], "format": "int64"},
        "answer": {"type": ["string", "null"]},
        **{key: moment for key in ("created_at", "decided_at", "expires_at", "downloaded_at")},
    }
    return {"ExportRequestState": {"type": "object", "required": list(properties), "properties": properties}}
