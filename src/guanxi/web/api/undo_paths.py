"""The OpenAPI description of change sets, undo and histories."""

from __future__ import annotations

from typing import Any

from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_TAG = "change_set"
_ID: Json = {"name": "change_set_id", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64"}}
_TEXT: Json = {"type": "string"}
_DAY: Json = {"type": "string", "format": "date"}
_NUMBER: Json = {"type": "integer", "format": "int64"}


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_DAYS = [_query("from", _DAY, "First day, in the caller's time zone."), _query("to", _DAY, "Last day, included.")]


def _answer(summary: str, name: str, schema: Json, parameters: list[Json], **more: Any) -> Json:
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": summary, "content": content}, "default": _PROBLEM}
    return {"operationId": name, "tags": [_TAG], "summary": summary, "parameters": parameters, **more} | {
        "responses": responses
    }


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


_RECORD = _object(object=_TEXT, id=_NUMBER, way={"type": "string", "enum": ["values", "delete", "restore"]})
_REFUSED = _object(object=_TEXT, id=_NUMBER, way=_TEXT, reason=_TEXT)


def _counted(record: Json) -> Json:
    return _object(count={"type": "integer"}, records={"type": "array", "maxItems": 500, "items": record})


def general() -> Json:
    """The paths of change sets."""
    act = _object(
        id=_NUMBER, at={"type": "string", "format": "date-time"}, actor={"type": ["string", "null"]},
        done={"type": "array", "items": _object(object=_TEXT, verb=_TEXT, records={"type": "integer"})},
        undoes={"type": ["integer", "null"]}, undone={"type": "boolean"},
    )  # fmt: skip
    page = _object(data={"type": "array", "items": act}, next={"type": ["integer", "null"]})
    plan = _object(
        id=_NUMBER, at={"type": "string", "format": "date-time"}, undoes={"type": ["integer", "null"]},
        possible=_counted(_RECORD), refused=_counted(_REFUSED),
    )  # fmt: skip
    done = _object(change_set=_NUMBER, records={"type": "integer"}, refused=_counted(_REFUSED))
    body = {
        "description": "Leave `records` out to undo all of it.",
        "content": {
            "application/json": {
                "schema": _object(records={"type": "array", "items": {"type": "string", "examples": ["account:12"]}})
            }
        },
    }
    asked = [
        _query("who", {"type": "string", "enum": ["me", "all"]}, "`all` is for administrators and auditors."),
        _query("person", _NUMBER, "Only what this person did."),
        _query("object", _TEXT, "Only what touched records of this object."),
        *_DAYS,
        _query("before", _NUMBER, "The `next` of the page before."),
    ]
    return {
        "/api/v1/change-sets": {"get": _answer("What was done, newest first", "change_sets", page, asked)},
        "/api/v1/change-sets/{change_set_id}": {
            "get": _answer("What undoing the change set would do", "change_set", plan, [_ID])
        },
        "/api/v1/change-sets/{change_set_id}/undo": {
            "post": _answer(
                "Undo the change set, or do an undone one again", "change_set_undo", done, [_ID], requestBody=body
            )
            | {"description": "More than 2,000 records are undone by a job: 202 with its address in `Location`."}
        },
    }


def of(kind: ObjectType) -> Json:
    """The history of an object's records."""
    change = _object(field=_TEXT, before=_TEXT, after=_TEXT)
    entry = _object(
        at={"type": "string", "format": "date-time"}, actor={"type": ["string", "null"]}, verb=_TEXT,
        change_set=_NUMBER, undone={"type": "boolean"}, changes={"type": "array", "items": change},
    )  # fmt: skip
    page = _object(data={"type": "array", "items": entry}, next={"type": ["string", "null"]})
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": _NUMBER},
        _query("field", _TEXT, "Only changes of this field."),
        _query("person", _NUMBER, "Only changes by this person."),
        *_DAYS,
        _query("cursor", _TEXT, "The `next` of the page before."),
    ]
    described = _answer(f"History of a {kind.label.en.lower()}", f"{kind.key}_history", page, parameters)
    return {f"/api/v1/{kind.key}/{{id}}/history": {"get": {**described, "tags": [kind.key]}}}
