"""The OpenAPI description of search, notifications and following."""

from __future__ import annotations

from typing import Any

from guanxi.engine.notifications.choices import DAYS
from guanxi.engine.notifications.kinds import CHANNELS, KINDS
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_TEXT: Json = {"type": "string"}
_EMPTY_TEXT: Json = {"type": ["string", "null"]}
_ID: Json = {"type": "integer", "format": "int64"}
_CHOICES: Json = {
    "channels": {
        "type": "object",
        "description": "Ways by kind; no way switches the kind off.",
        "additionalProperties": False,
        "properties": {
            key: {"type": "array", "items": {"type": "string", "enum": list(CHANNELS)}, "description": kind.label.en}
            for key, kind in KINDS.items()
        },
    },
    "digest_time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    "digest_days": {"type": "string", "enum": list(DAYS)},
}


def general() -> Json:
    """The paths that belong to no object."""
    hit = _all({"object": _TEXT, "id": _ID, "title": _TEXT, "subtitle": _EMPTY_TEXT, "address": _TEXT})
    hits = _all({"data": {"type": "array", "items": hit}, "more": {"type": "boolean"}})
    notice = _all(
        {
            **{"id": _ID, "kind": _EMPTY_TEXT, "text": _TEXT, "object": _EMPTY_TEXT},
            "record": {"type": ["integer", "null"], "format": "int64"},
            "address": _TEXT,
            "created_at": {"type": "string", "format": "date-time"},
            "read": {"type": "boolean"},
        }
    )
    notices = _all(
        {"data": {"type": "array", "items": notice}, "next": _EMPTY_TEXT, "unread": {"type": "integer", "maximum": 100}}
    )
    marking: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "ids": {"type": "array", "maxItems": 1000, "items": {**_ID, "minimum": 1}, "description": "All without it."}
        },
    }
    chosen = _all(_CHOICES)
    changed: Json = {"type": "object", "additionalProperties": False, "properties": _CHOICES}
    return {
        "/search": {
            "get": _operation(
                "search",
                "Search in everything by words, pinyin, initials, numbers",
                hits,
                parameters=[
                    _parameter("q", {"type": "string", "minLength": 1}, "What to look for.", required=True),
                    _parameter("object", _TEXT, "Only this object."),
                    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "How many."),
                ],
            )
        },
        "/notifications": {
            "get": _operation(
                "notifications_list",
                "The caller's notifications, newest first",
                notices,
                parameters=[
                    _parameter("unread", {"type": "boolean", "default": False}, "Only the unread ones."),
                    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "How many."),
                    _parameter("before", {"type": "string", "pattern": "^[0-9]{1,18}$"}, "`next` of another page."),
                ],
            )
        },
        "/notifications/read": {
            "post": _operation(
                "notifications_read", "Mark as read", _all({"marked": {"type": "integer"}}), requestBody=_body(marking)
            )
        },
        "/notification-choices": {
            "get": _operation("notification_choices_get", "What reaches the caller how", chosen),
            "patch": _operation(
                "notification_choices_change", "Change what reaches the caller how", chosen, requestBody=_body(changed)
            ),
        },
    }


def of(kind: ObjectType) -> Json:
    """Following a record of an object."""
    one = {"name": "id", "in": "path", "required": True, "schema": {**_ID, "minimum": 1}}
    state = _all({"follows": {"type": "boolean"}})
    return {
        f"/{kind.key}/{{id}}/follow": {
            "parameters": [one],
            "get": _operation(f"{kind.key}_follows", "Whether the caller follows the record", state, kind.key),
            "put": _operation(f"{kind.key}_follow", "Be told what others change", state, kind.key),
            "delete": _operation(f"{kind.key}_unfollow", "Be told no longer", state, kind.key),
        }
    }


def _operation(name: str, summary: str, result: Json, tag: str = "notifications", **more: Any) -> Json:
    success = {"description": "Done", "content": {"application/json": {"schema": result}}}
    tag = "search" if name == "search" else tag
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "responses": {"200": success, "default": _PROBLEM},
        **more,
    }


def _parameter(name: str, schema: Json, description: str, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description, "required": required}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _all(properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}
