"""The OpenAPI description of imports."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.importing import encoding, limits
from guanxi.engine.importing.fields import importable
from guanxi.engine.importing.layout import FORMATS
from guanxi.engine.importing.mapping import DATES, MODES, NUMBERS
from guanxi.engine.importing.rejected import FORMATS as FILES
from guanxi.schema.registry import snapshot

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_IMPORT = {"$ref": "#/components/schemas/Import"}
_MAPPING = {"$ref": "#/components/schemas/ImportMapping"}
_LAYOUT = {"$ref": "#/components/schemas/ImportLayout"}
_TEMPLATE = {"$ref": "#/components/schemas/ImportTemplate"}
_TEXT: Json = {"type": "string"}
_FLAG: Json = {"type": "boolean"}
_NUMBER: Json = {"type": "integer", "format": "int64"}
_ID = {"name": "id", "in": "path", "required": True, "schema": {**_NUMBER, "minimum": 1}}


def allowed(actor: Actor) -> bool:
    """Whether the actor may import anything at all."""
    return any(importable(actor, kind) for kind in snapshot())


def paths() -> Json:
    """The paths of imports and of saved mappings."""
    base, one = "/imports", "/imports/{id}"
    page: Json = {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": _IMPORT}}}
    everybody = {"name": "all", "in": "query", "schema": {**_FLAG, "default": False}, "description": "Everybody's."}
    kept: Json = {"type": "object", "required": ["data"], "properties": {"data": {"type": "array", "items": _TEMPLATE}}}
    form = {"name": "format", "in": "query", "schema": {"type": "string", "enum": list(FILES), "default": "csv"}}
    return {
        base: {
            "get": _operation("list", "The caller's imports, the latest 100", page, parameters=[everybody]),
            "post": _operation("receive", "Send a file or rows; nothing is written yet", _IMPORT, "201", _sent()),
        },
        one: {"parameters": [_ID], "get": _operation("get", "One import, how far it is, what it did", _IMPORT)},
        f"{one}/mapping": {
            "parameters": [_ID],
            "put": _operation("map", "Decide what becomes of the columns", _IMPORT, body=_json(_MAPPING)),
        },
        f"{one}/layout": {
            "parameters": [_ID],
            "put": _operation("layout", "Read the file in another way", _IMPORT, body=_json(_LAYOUT)),
        },
        f"{one}/check": {
            "parameters": [_ID],
            "post": _operation(
                "check",
                f"Dry run: at once up to {limits.AT_ONCE} rows, else (202) by a job",
                _IMPORT,
                "202",
                at_once=True,
            ),
        },
        f"{one}/commit": {
            "parameters": [_ID],
            "post": _operation("commit", "Carry a checked import out, by a job", _IMPORT, "202"),
        },
        f"{one}/resume": {
            "parameters": [_ID],
            "post": _operation("resume", "Go on with an import that was cancelled or failed", _IMPORT, "202"),
        },
        f"{one}/rejected": {"parameters": [_ID], "get": _rejected(form)},
        f"{one}/template": {
            "parameters": [_ID],
            "post": _operation("save_mapping", "Keep the mapping under a name", _TEMPLATE, "201", _json(_naming())),
        },
        "/import-templates": {"get": _operation("templates", "The saved mappings the caller may use", kept)},
        "/import-templates/{id}": {
            "parameters": [_ID],
            "delete": _operation("remove_template", "Forget a saved mapping", None, "204"),
        },
    }


def _sent() -> Json:
    along: Json = {
        "object": {"type": "string", "description": "Key of the object"},
        "mapping": _MAPPING,
        "template": {**_NUMBER, "description": "A saved mapping to use"},
        "like": {**_NUMBER, "description": "An earlier import whose mapping to use"},
    }
    file: Json = {"file": {"type": "string", "format": "binary"}, "layout": _LAYOUT}
    rows: Json = {"type": "array", "minItems": 1, "maxItems": limits.JSON_ROWS, "items": {"type": "object"}}
    return {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["object", "file"], "properties": {**along, **file}}
            },
            "application/json": {
                "schema": {
                    **{"type": "object", "additionalProperties": False, "required": ["object", "rows"]},
                    "properties": {**along, "rows": rows},
                }
            },
        },
    }


def _rejected(form: Json) -> Json:
    files: Json = {
        "text/csv": {"schema": _TEXT},
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
            "schema": {"type": "string", "format": "binary"}
        },
    }
    return {
        "operationId": "imports_rejected",
        "tags": ["import"],
        "summary": "The rows that were not taken, with the reasons in the last column",
        "parameters": [form],
        "responses": {"200": {"description": "The file", "content": files}, "default": _PROBLEM},
    }


def _naming() -> Json:
    return {
        **{"type": "object", "additionalProperties": False, "required": ["name"]},
        "properties": {"name": {"type": "string", "maxLength": 120}, "everybody": {**_FLAG, "default": False}},
    }


def _json(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _operation(
    verb: str,
    summary: str,
    result: Json | None,
    status: str = "200",
    body: Json | None = None,
    *,
    at_once: bool = False,
    parameters: list[Json] | None = None,
) -> Json:
    success: Json = {"description": "Done"}
    if result is not None:
        success["content"] = {"application/json": {"schema": result}}
    operation: Json = {
        "operationId": f"imports_{verb}",
        "tags": ["import"],
        "summary": summary,
        "responses": {status: success, **({"200": success} if at_once else {}), "default": _PROBLEM},
    }
    if body is not None:
        operation["requestBody"] = body
    if parameters:
        operation["parameters"] = parameters
    return operation


def schemas() -> Json:
    """The schemas of an import, its mapping, its layout and a saved mapping."""
    moment: Json = {"type": ["string", "null"], "format": "date-time"}
    anything: Json = {"type": "object"}
    perhaps: Json = {"type": ["object", "null"]}
    properties: Json = {
        **{"id": _NUMBER, "object": _TEXT, "name": _TEXT, "size": _NUMBER},
        "stage": {"type": "string", "enum": ["mapping", "checking", "checked", "running", "done", "stopped"]},
        "rows": {"type": ["integer", "null"], "format": "int64"},
        **{"layout": anything, "columns": {"type": "array", "items": anything}, "mapping": _MAPPING},
        "check": {**perhaps, "description": "Counts, problems by kind with examples, and questions about formats"},
        **{"counts": anything, "made": anything, "job": perhaps},
        "change_set": {"type": ["integer", "null"], "format": "int64", "description": "What undo takes back"},
        "created_by": {"type": ["integer", "null"], "format": "int64"},
        **{key: moment for key in ("created_at", "begun_at", "finished_at")},
    }
    return {
        "Import": {"type": "object", "required": list(properties), "properties": properties},
        "ImportMapping": _mapping(),
        "ImportLayout": {
            **{"type": "object", "additionalProperties": False},
            "description": f"Overrides what is found out about a file ({', '.join(FORMATS)}).",
            "properties": {
                "encoding": {"type": "string", "enum": list(encoding.CHOICES)},
                "delimiter": {"type": "string", "enum": [",", ";", "tab", "|"]},
                "sheet": _TEXT,
                "header": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 9999,
                    "description": "Row of the names; 0: none",
                },
            },
        },
        "ImportTemplate": {
            **{"type": "object", "required": ["id", "object", "name", "everybody", "mapping"]},
            "properties": {"id": _NUMBER, "object": _TEXT, "name": _TEXT, "everybody": _FLAG, "mapping": anything},
        },
    }


def _mapping() -> Json:
    column: Json = {
        **{"type": "object", "additionalProperties": False, "required": ["column"]},
        "properties": {
            "column": {"type": ["integer", "string"], "description": "Number from 0, or name"},
            "field": {"type": "string", "description": "Key of a field; empty leaves the column out"},
            "by": {"type": "string", "default": "auto", "description": "References: auto, id or the key of a field"},
            "create": {**_FLAG, "default": False, "description": "References: create what does not exist"},
            "date": {"type": "string", "enum": ["", *DATES]},
            "number": {"type": "string", "enum": ["", *NUMBERS], "description": "What comes before the decimals"},
            "scale": {"type": "string", "description": "Factor of the numbers, such as 1000"},
            "aliases": {"type": "object", "additionalProperties": _TEXT, "description": "Text in the file: meaning"},
        },
    }
    return {
        **{"type": "object", "additionalProperties": False},
        "properties": {
            "columns": {"type": "array", "items": column},
            "constants": {"type": "object", "additionalProperties": _TEXT},
            "mode": {"type": "string", "enum": list(MODES), "default": "create"},
            "key": {"type": "string", "description": "Field by which records are found; id for the record's number"},
            "empty": {"type": "array", "items": _TEXT, "description": "Words that mean no value"},
            "clear": {**_FLAG, "default": False, "description": "Empty cells empty the field"},
            "unquote": {
                **_FLAG,
                "default": True,
                "description": "Take off the apostrophe an export puts before formulas",
            },
            "notify": {**_FLAG, "default": True},
            "automate": {**_FLAG, "default": True},
        },
    }
