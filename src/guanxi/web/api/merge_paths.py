"""The OpenAPI description of merging."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.merging.run import can_merge
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_NUMBER: Json = {"type": "integer", "format": "int64"}


def of(kind: ObjectType, actor: Actor, schema: Json) -> Json:
    """The path that merges records of an object, where the actor may; ``schema`` is that of a record."""
    if not can_merge(actor, kind):
        return {}
    body: Json = {
        "type": "object",
        "required": ["records"],
        "additionalProperties": False,
        "properties": {
            "records": {
                "type": "array", "items": _NUMBER, "minItems": 1, "maxItems": 9,
                "description": "The records that become part of this one and go to the recycle bin.",
            },
            "values": {
                "type": "object",
                "additionalProperties": {"oneOf": [_NUMBER, {"const": "all"}]},
                "description": "By field, the id of the record whose value is kept; `all` puts several values together. "
                "Left out, this record's value is kept where it has one, and the newest of the others where it has none.",
            },
            "versions": {
                "type": "object",
                "additionalProperties": {"type": "integer"},
                "description": "By record id, the version that was read: refused if it changed since.",
            },
        },
    }  # fmt: skip
    done: Json = {
        "type": "object",
        "required": ["change_set", "moved", "record"],
        "properties": {
            "change_set": {**_NUMBER, "description": "What undo takes back."},
            "moved": {
                "type": "integer",
                "description": "How many records that the caller may see point to this one now.",
            },
            "record": schema,
        },
    }
    operation: Json = {
        "operationId": f"{kind.key}_merge",
        "tags": [kind.key],
        "summary": f"Merge {kind.plural.en.lower()} into this one",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": _NUMBER}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "Merged", "content": {"application/json": {"schema": done}}},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    return {f"/{kind.key}/{{id}}/merge": {"post": operation}}
