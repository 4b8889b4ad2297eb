"""The OpenAPI description of jobs, redaction and retention."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.job import FINISHED, UNFINISHED
from guanxi.engine.redaction.plan import REASON
from guanxi.engine.retention.policy import LIMITS
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_JOB = {"$ref": "#/components/schemas/Job"}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64", "minimum": 1}}


def general(actor: Actor) -> Json:
    """The paths of jobs and, for administrators, of the rules of retention."""
    page: Json = {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": _JOB}}}
    everybody = {
        "name": "all",
        "in": "query",
        "schema": {"type": "boolean", "default": False},
        "description": "Everybody's jobs; for administrators.",
    }
    paths: Json = {
        "/jobs": {"get": _operation("jobs_list", "The caller's jobs, the latest 100", page, parameters=[everybody])},
        "/jobs/{id}": {"parameters": [_ID], "get": _operation("jobs_get", "One job", _JOB)},
        "/jobs/{id}/cancel": {"parameters": [_ID], "post": _operation("jobs_cancel", "Ask a job to stop", _JOB)},
    }
    if actor.is_administrator:
        rules: Json = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                key: {"type": "integer", "minimum": low, "maximum": high} for key, (low, high) in LIMITS.items()
            },
        }
        paths["/retention-policy"] = {
            "get": _operation("retention_policy", "How long things are kept; 0 is for ever", rules),
            "patch": _operation("retention_policy_change", "Change that", rules, requestBody=_body(rules)),
        }
    return paths


def of(kind: ObjectType, actor: Actor) -> Json:
    """The path of an object's redaction, for administrators."""
    if not actor.is_administrator or kind.declaration.kind == "log":
        return {}
    wanted: Json = {
        "type": "object",
        "additionalProperties": False,
        "required": ["reason"],
        "properties": {
            "fields": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Keys of fields; those that usually hold data of a person when left out.",
            },
            "reason": {"type": "string", "minLength": 3, "maxLength": REASON},
            "follow_ups": {"type": "boolean", "default": False, "description": "Texts of follow-ups about it as well."},
            "erase": {"type": "boolean", "default": False, "description": "Empty the record's own fields as well."},
        },
    }
    done: Json = {
        "type": "object",
        "required": ["entries", "job"],
        "properties": {"entries": {"type": ["integer", "null"]}, "job": {"oneOf": [_JOB, {"type": "null"}]}},
    }
    operation = _operation(f"{kind.key}_redact", "Take values out of its history, for good", done, kind.key)
    operation["requestBody"] = _body(wanted)
    operation["responses"]["202"] = {
        "description": "A job does it",
        "headers": {"Location": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": done}},
    }
    return {f"/{kind.key}/{{id}}/redact": {"parameters": [_ID], "post": operation}}


def schemas() -> Json:
    """The schema of a job."""
    text: Json = {"type": ["string", "null"]}
    moment: Json = {"type": ["string", "null"], "format": "date-time"}
    result: Json = {
        "type": ["object", "null"],
        "properties": {
            "en": {"type": "string"},
            "zh": {"type": "string"},
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "address": {"type": "string"},
        },
    }
    properties: Json = {
        "id": {"type": "integer", "format": "int64"},
        "kind": {"type": "string"},
        "title": {"type": "object", "properties": {"en": {"type": "string"}, "zh": {"type": "string"}}},
        "status": {"type": "string", "enum": [*UNFINISHED, *FINISHED]},
        "done": {"type": "integer", "format": "int64"},
        "total": {"type": ["integer", "null"], "format": "int64"},
        "message": text,
        "result": result,
        "error": text,
        "cancel_requested": {"type": "boolean"},
        "started_by": {"type": ["integer", "null"], "format": "int64"},
        **{key: moment for key in ("created_at", "started_at", "finished_at")},
    }
    return {"Job": {"type": "object", "required": ["id", "kind", "status"], "properties": properties}}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operation(name: str, summary: str, result: Json, tag: str = "job", **more: Any) -> Json:
    success = {"description": "Done", "content": {"application/json": {"schema": result}}}
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "responses": {"200": success, "default": _PROBLEM},
        **more,
    }
