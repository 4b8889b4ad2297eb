"""The OpenAPI 3.1 description, generated from the registry for one actor: it names only what the actor may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings

import guanxi
from guanxi.access.actor import Actor
from guanxi.schema.declaration import Action
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.api import (
    administration_paths,
    delivery_paths,
    export_paths,
    import_paths,
    job_paths,
    noticing_paths,
    undo_paths,
)

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "format": "int64", "minimum": 1}}
_PURGE: Json = {
    "name": "purge",
    "in": "query",
    "schema": {"type": "boolean", "default": False},
    "description": "Needs the right to administrate the object; refused while other records point to it.",
}
_AS_OF: Json = {
    "name": "as_of",
    "in": "query",
    "schema": {"type": "string", "examples": ["2026-09-30", "2026-09-30T12:00:00Z"]},
    "description": "As it stood at the end of that day in the caller's time zone, or at that moment.",
}
_LIST_PARAMETERS: list[Json] = [
    {
        "name": "filter",
        "in": "query",
        "schema": {"type": "string"},
        "description": "A typed line (`stage:won amount>=1000`) or a JSON tree.",
    },
    {
        "name": "sort",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Field keys, `-` for descending, at most three.",
    },
    {
        "name": "fields",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Comma-separated field keys; all when left out.",
    },
    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}},
    {
        "name": "cursor",
        "in": "query",
        "schema": {"type": "string"},
        "description": "`next` or `previous` of another page.",
    },
    {"name": "count", "in": "query", "schema": {"type": "boolean", "default": False}},
    {"name": "deleted", "in": "query", "schema": {"type": "boolean", "default": False}},
    _AS_OF,
]


def describe(actor: Actor) -> Json:
    """The whole description."""
    kinds = [kind for kind in snapshot() if actor.can("read", kind.key)]
    paths: Json = (
        export_paths.requests() | administration_paths.general(actor) | job_paths.general(actor) | undo_paths.general()
    )
    schemas: Json = {"Problem": _problem_schema(), **export_paths.schemas(), **job_paths.schemas()}
    paths |= noticing_paths.general()
    if import_paths.allowed(actor):
        paths |= import_paths.paths()
        schemas |= import_paths.schemas()
    if actor.is_administrator:
        paths |= delivery_paths.paths()
        schemas |= delivery_paths.schemas()
    for kind in kinds:
        paths |= _paths(kind, actor)
        paths |= noticing_paths.of(kind)
        paths |= administration_paths.of(kind, actor)
        paths |= undo_paths.of(kind)
        paths |= export_paths.of(kind) if actor.can("export", kind.key) else {}
        paths |= job_paths.of(kind, actor)
        schemas |= _schemas(kind, actor)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guanxi",
            "version": guanxi.__version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}, {"session": []}],
        "tags": [{"name": kind.key, "description": f"{kind.label.en} {kind.label.zh}"} for kind in kinds],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong and what to do",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "schemas": schemas,
        },
    }


def name_of(kind: ObjectType) -> str:
    """The name of an object's schema: ``opportunity_line`` gives ``OpportunityLine``."""
    return "".join(part.capitalize() for part in kind.key.split("_"))


def _paths(kind: ObjectType, actor: Actor) -> Json:
    name = name_of(kind)
    base, one = f"/{kind.key}", f"/{kind.key}/{{id}}"
    page: Json = {
        "type": "object",
        "required": ["data", "next", "previous", "count"],
        "properties": {
            "data": {"type": "array", "items": _ref(name)},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
            "count": {
                "type": ["object", "null"],
                "properties": {"number": {"type": "integer"}, "more": {"type": "boolean"}},
            },
        },
    }
    paths: Json = {
        base: {"get": _operation(kind, "list", f"List {kind.plural.en}", page, parameters=_LIST_PARAMETERS)},
        one: {
            "parameters": [_ID],
            "get": _operation(
                kind, "get", f"Read one {kind.label.en}", _ref(name), parameters=[_LIST_PARAMETERS[2], _AS_OF]
            ),
        },
    }
    if actor.can("create", kind.key):
        body = _ref(f"{name}Create")
        paths[base]["post"] = _operation(kind, "create", f"Create one {kind.label.en}", _ref(name), body, status="201")
    if actor.can("edit", kind.key):
        body = _ref(f"{name}Update")
        paths[one]["patch"] = _operation(kind, "update", f"Change one {kind.label.en}", _ref(name), body)
    if actor.can("delete", kind.key):
        summary = "Put into the recycle bin, or with `purge` remove from there for good"
        paths[one]["delete"] = _operation(kind, "delete", summary, None, status="204", parameters=[_PURGE])
    if actor.can("restore", kind.key):
        restore = _operation(kind, "restore", "Take out of the recycle bin", _ref(name))
        paths[f"{one}/restore"] = {"parameters": [_ID], "post": restore}
    for action in kind.declaration.actions:
        if actor.can(action.right, kind.key):
            paths[f"{one}/actions/{action.key}"] = {"parameters": [_ID], "post": _action(kind, action)}
    return paths


def _operation(
    kind: ObjectType,
    verb: str,
    summary: str,
    result: Json | None,
    body: Json | None = None,
    *,
    status: str = "200",
    parameters: list[Json] | None = None,
) -> Json:
    success: Json = {"description": "Done"}
    if result is not None:
        success["content"] = {"application/json": {"schema": result}}
    operation: Json = {
        "operationId": f"{kind.key}_{verb}",
        "tags": [kind.key],
        "summary": summary,
        "responses": {status: success, "default": _PROBLEM},
    }
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _action(kind: ObjectType, action: Action) -> Json:
    inputs: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _nullable(spec.kind.json_schema(spec)) for key, spec in action.inputs.items()},
    }
    required = [key for key, spec in action.inputs.items() if spec.required]
    if required:
        inputs["required"] = required
    goto: Json = {
        "type": ["object", "null"],
        "properties": {"object": {"type": "string"}, "id": {"type": "integer", "format": "int64"}},
    }
    outcome: Json = {
        "type": "object",
        "required": ["message", "goto"],
        "properties": {
            "message": {"type": "string"},
            "goto": goto,
            "reveal": {"type": "string", "description": "A secret that is given this once."},
        },
    }
    return _operation(kind, f"action_{action.key}", action.label.en, outcome, inputs)


def _schemas(kind: ObjectType, actor: Actor) -> Json:
    visible = actor.visible_fields(kind)
    writable = [f for f in visible if f.writable and actor.field_level(kind.key, f.key) == "write"]
    base: Json = {
        "id": {"type": "integer", "format": "int64"},
        "version": {"type": "integer"},
        "title": {"type": "string"},
    }
    own = {field.key: _field(field) for field in visible}
    sent = {field.key: _field(field) for field in writable}
    required = [f.key for f in writable if f.spec.required and f.spec.default is None]
    name = name_of(kind)
    create: Json = {"type": "object", "additionalProperties": False, "properties": sent}
    if required:
        create["required"] = required
    return {
        name: {"type": "object", "required": ["id", "version", "title"], "properties": base | own},
        f"{name}Create": create,
        f"{name}Update": {
            "type": "object",
            "additionalProperties": False,
            "properties": {**sent, "version": {"type": "integer", "description": "Refuse if it changed since"}},
        },
    }


def _field(field: FieldDefinition) -> Json:
    schema = _nullable(field.kind.json_schema(field.spec))
    schema["title"] = f"{field.label.en} {field.label.zh}"
    if not field.writable:
        schema["readOnly"] = True
    return schema


def _nullable(schema: Json) -> Json:
    result = dict(schema)
    result["type"] = [schema["type"], "null"]
    if "enum" in result:
        result["enum"] = [*result["enum"], None]
    return result


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _problem_schema() -> Json:
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        },
    }
