"""The OpenAPI description of the journal's consumers and deliveries."""

from __future__ import annotations

from typing import Any

from guanxi.engine.administration.deliveries import MOST, STATUSES

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_ONE = {"$ref": "#/components/schemas/Delivery"}
_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer", "format": "int64"}
_MOMENT: Json = {"type": ["string", "null"], "format": "date-time"}
_MAYBE: Json = {"type": ["string", "null"]}


def paths() -> Json:
    """The paths, for administrators."""
    lag: Json = {
        "type": "object",
        "properties": {
            **{"consumer": _TEXT, "behind": _NUMBER, "more": {"type": "boolean"}, "since": _MOMENT},
            **{"waiting": _NUMBER, "dead": _NUMBER},
        },
    }
    one = {"name": "id", "in": "path", "required": True, "schema": {**_NUMBER, "minimum": 1}}
    again: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "ids": {"type": "array", "items": _NUMBER, "maxItems": MOST},
            "consumer": _TEXT,
            "target": {**_MAYBE, "description": "A receiver of the consumer; all of them when left out."},
            "dead": {"type": "boolean", "description": "Everything that failed for good."},
            "since": {"type": "string", "format": "date-time", "description": "Everything written since then."},
        },
    }
    replayed: Json = {"type": "object", "properties": {"replayed": _NUMBER}}
    listed: Json = {
        "type": "object",
        "properties": {"data": {"type": "array", "items": _ONE}, "next": {"type": ["integer", "null"]}},
    }
    filters = [
        _parameter("status", {"type": "string", "enum": list(STATUSES)}),
        _parameter("consumer", _TEXT),
        _parameter("target", _TEXT),
        _parameter("before", _NUMBER),
    ]
    return {
        "/journal": {"get": _operation("journal", "How far the consumers of the journal are behind", _list(lag))},
        "/deliveries": {"get": _operation("list", "Deliveries, the newest 50 first", listed, parameters=filters)},
        "/deliveries/{id}": {"parameters": [one], "get": _operation("get", "One delivery, with what was sent", _ONE)},
        "/deliveries/replay": {
            "post": _operation(
                "replay",
                "Let deliveries go again",
                replayed,
                requestBody={"required": True, "content": {"application/json": {"schema": again}}},
            )
        },
    }


def _list(item: Json) -> Json:
    return {"type": "object", "properties": {"data": {"type": "array", "items": item}}}


def _parameter(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _operation(verb: str, summary: str, result: Json, **more: Any) -> Json:
    success = {"description": "Done", "content": {"application/json": {"schema": result}}}
    return {
        "operationId": f"deliveries_{verb}",
        "tags": ["deliveries"],
        "summary": summary,
        "responses": {"200": success, "default": _PROBLEM},
        **more,
    }


def schemas() -> Json:
    """The schema of a delivery."""
    properties: Json = {
        **{"id": _NUMBER, "record": _NUMBER, "attempts": _NUMBER},
        **{"event": _TEXT, "consumer": _TEXT, "target": _TEXT, "object": _TEXT},
        "status": {"type": "string", "enum": list(STATUSES)},
        **{"error": _MAYBE, "detail": _MAYBE, "request": _MAYBE, "response": _MAYBE},
        "response_status": {"type": ["integer", "null"]},
        **{key: _MOMENT for key in ("created_at", "first_at", "next_at", "finished_at")},
    }
    return {"Delivery": {"type": "object", "properties": properties}}
