"""The OpenAPI description of duplicates."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.dedupe.reviewing import reviewed
from guanxi.engine.dedupe.taken import objects as taken_objects
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer", "format": "int64"}
_TAG = "duplicates"
_PROBLEM: Json = {"$ref": "#/components/responses/Problem"}
_MATCH: Json = {
    "type": "object",
    "properties": {
        "object": _TEXT,
        "id": {"type": ["integer", "null"], "description": "Null where the caller may not see the record."},
        "title": _TEXT,
        "rules": {
            "type": "array",
            "items": _TEXT,
            "description": "The exact rules that found it; none when it is similar.",
        },
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "reasons": {"type": "array", "items": _TEXT},
        "fields": {"type": "object", "additionalProperties": _TEXT},
        "deleted": {"type": "boolean"},
        "owner": {"type": ["string", "null"]},
    },
}


def _operation(name: str, summary: str, tag: str, result: Json | None, status: str = "200", **more: Any) -> Json:
    success: Json = {"description": summary}
    if result is not None:
        success["content"] = {"application/json": {"schema": result}}
    responses = {status: success, "default": _PROBLEM}
    return {"operationId": name, "tags": [tag], "summary": summary, "responses": responses, **more}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def of_write(kind: ObjectType) -> list[Json] | None:
    """What writing a record takes besides its values."""
    if kind.declaration.duplicates is None:
        return None
    return [
        {
            "name": "allow_duplicates", "in": "query", "schema": {"type": "boolean", "default": False},
            "description": "Leave the check out. Without it, records that may be the same come as `warnings`; what a rule "
            "refuses is refused either way (409 with `duplicates`).",
        }
    ]  # fmt: skip


def of(kind: ObjectType, values: Json) -> Json:
    """The check of an object."""
    if kind.declaration.duplicates is None:
        return {}
    result: Json = {
        "type": "object",
        "properties": {"blocked": {"type": "boolean"}, "matches": {"type": "array", "items": _MATCH}},
    }
    sent = {"type": "object", "description": "Values as for creating, as many as are known."}
    summary = f"Whether a {kind.label.en.lower()} is there already"
    operation = _operation(f"{kind.key}_duplicates", summary, kind.key, result, requestBody=_body(sent))
    return {f"/{kind.key}/duplicates": {"post": operation}}


def general(actor: Actor) -> Json:
    """The paths that belong to no single object."""
    paths: Json = {}
    if taken_objects(actor):
        name = {"name": "name", "in": "query", "required": True, "schema": _TEXT, "description": "The company's name."}
        result: Json = {
            "type": "object",
            "properties": {"taken": {"type": "boolean"}, "data": {"type": "array", "items": {"type": "object"}}},
        }
        found = _operation("taken", "Whether a company is known, and whose it is", _TAG, result, parameters=[name])
        paths["/taken"] = {"get": found}
    if kinds := reviewed(actor):
        paths |= _review([kind.key for kind in kinds])
    if actor.is_administrator:
        paths["/duplicate-rules"] = _rules()
    return paths


def _review(keys: list[str]) -> Json:
    one: Json = {"type": "string", "enum": keys}
    group: Json = {
        "type": "object",
        "properties": {
            "id": _NUMBER,
            "score": {"type": "number"},
            "reasons": {"type": "array", "items": _TEXT},
            "records": {"type": "array", "items": {"type": "object"}},
        },
    }
    page: Json = {
        "type": "object",
        "properties": {"data": {"type": "array", "items": group}, "next": {"type": ["integer", "null"]}},
    }
    asked = [
        {"name": "object", "in": "query", "required": True, "schema": one},
        {"name": "after", "in": "query", "schema": _NUMBER, "description": "The `next` of the page before."},
    ]
    body = _body(
        {"type": "object", "required": ["object"], "additionalProperties": False, "properties": {"object": one}}
    )
    which = [{"name": "group_id", "in": "path", "required": True, "schema": _NUMBER}]
    return {
        "/duplicates": {
            "get": _operation("duplicates", "Groups of records that look the same", _TAG, page, parameters=asked)
        },
        "/duplicates/scan": {
            "post": _operation(
                "duplicates_scan", "Look for duplicates, by a job", _TAG, {"type": "object"}, "202", requestBody=body
            )
        },
        "/duplicates/{group_id}/apart": {
            "post": _operation(
                "duplicates_apart", "The records of a group are not the same", _TAG, None, "204", parameters=which
            )
        },
    }


def _rules() -> Json:
    mode: Json = {"type": "string", "enum": ["off", "warn", "block"]}
    one: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "rules": {"type": "object", "additionalProperties": mode},
            "shown": {"type": "array", "items": _TEXT},
        },
    }
    every: Json = {"type": "object", "additionalProperties": one}
    return {
        "get": _operation("duplicate_rules", "The rules for duplicates", _TAG, every),
        "patch": _operation(
            "duplicate_rules_update", "Change rules for duplicates", _TAG, every, requestBody=_body(every)
        ),
    }
