"""The OpenAPI description as its reader needs it: operations by area, fields in rows, examples that can be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

METHODS = ("get", "post", "put", "patch", "delete")
HIDDEN = ("default",)
"""Answers that are told once for all operations."""
DEPTH = 3
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One property or parameter. ``level`` is how deep it stands inside others."""

    name: str
    type: str
    required: bool
    text: str
    level: int = 0
    place: str = ""
    """Where a parameter goes: path, query or header."""
    choices: tuple[str, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status, what it means, and its fields where it has its own."""

    status: str
    text: str
    rows: tuple[FieldRow, ...] = ()
    example: str = ""

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return self.status.startswith(("2", "3"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation in the list of all."""

    id: str
    method: str
    path: str
    summary: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with everything about it."""

    entry: Entry
    description: str
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    sent: str
    """An example of what is sent, as JSON; empty where nothing is."""
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Area:
    """The operations of one object, or of what belongs to none."""

    key: str
    label: str
    entries: tuple[Entry, ...]


def areas(document: Json) -> list[Area]:
    """Every area with its operations, in the order of the description."""
    found: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for path, method, made in _operations(document):
        found[made["tags"][0]].append(Entry(made["operationId"], method.upper(), path, made["summary"]))
    return [Area(tag["name"], tag["description"], tuple(found[tag["name"]])) for tag in document["tags"]]


def operations(document: Json, area: str, base: str) -> list[Operation]:
    """The operations of an area in full; ``base`` is the address of the server, for the examples."""
    return [
        _operation(document, path, method, made, base)
        for path, method, made in _operations(document)
        if made["tags"][0] == area
    ]


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _operation(document: Json, path: str, method: str, made: Json, base: str) -> Operation:
    given = [*document["paths"][path].get("parameters", ()), *made.get("parameters", ())]
    parameters = tuple(_parameter(_resolved(document, one)) for one in given)
    body = made.get("requestBody", {}).get("content", {}).get("application/json", {})
    sent = _pretty(body.get("example", {})) if body else ""
    return Operation(
        entry=Entry(made["operationId"], method.upper(), path, made["summary"]),
        description=made.get("description", ""),
        parameters=parameters,
        body=tuple(_rows(document, body.get("schema", {}))),
        sent=sent,
        answers=tuple(_answers(document, made["responses"])),
        curl=_curl(method.upper(), base + path, parameters, sent),
    )


def _parameter(one: Json) -> FieldRow:
    schema = one.get("schema", {})
    example = one.get("example", schema.get("default", ""))
    return FieldRow(
        name=one["name"],
        type=_type(schema),
        required=bool(one.get("required")),
        text=one.get("description", ""),
        place=one["in"],
        choices=_choices(schema),
        example="1" if one["in"] == "path" and one["name"] == "id" else _plain(example),
    )


def _rows(document: Json, schema: Json, level: int = 0) -> Iterator[FieldRow]:
    """The properties of a schema, those of objects inside below them."""
    schema = _resolved(document, schema)
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        inner = _resolved(document, one)
        text = one.get("description") or inner.get("description") or one.get("title") or ""
        yield FieldRow(name, _type(inner), name in required, text, level, choices=_choices(inner))
        below = _resolved(document, inner.get("items", inner))
        if level + 1 < DEPTH and below.get("properties"):
            yield from _rows(document, below, level + 1)


def _answers(document: Json, responses: Json) -> Iterator[Answer]:
    for status, one in sorted(responses.items()):
        if status in HIDDEN:
            continue
        found = _resolved(document, one)
        content: Json = next(iter(found.get("content", {}).values()), {})
        good = status.startswith("2")
        example = content.get("example")
        yield Answer(
            status,
            found.get("description", ""),
            tuple(_rows(document, content.get("schema", {}))) if good else (),
            _pretty(example) if example is not None else "",
        )


def _resolved(document: Json, schema: Json) -> Json:
    """The schema itself where a name stands for it; of several the first that is more than nothing."""
    while True:
        if "$ref" in schema:
            found: Any = document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        elif "oneOf" in schema:
            schema = next(one for one in schema["oneOf"] if one.get("type") != "null")
        else:
            return schema


def _type(schema: Json) -> str:
    types = schema.get("type", "any")
    names = [name for name in ([types] if isinstance(types, str) else types) if name != "null"]
    shown = " | ".join(names)
    if schema.get("format") and names == ["string"]:
        shown = schema["format"]
    if "array" in names and isinstance(schema.get("items"), Mapping):
        inner = schema["items"]
        return f"{shown} ({_type(inner) if '$ref' not in inner else 'object'})"
    return shown


def _choices(schema: Json) -> tuple[str, ...]:
    found = schema.get("enum") or schema.get("items", {}).get("enum") or ()
    return tuple(str(one) for one in found if one is not None)[:60]


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | dict | list) else str(value)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _curl(method: str, address: str, parameters: tuple[FieldRow, ...], sent: str) -> str:
    """The operation as a command that can be pasted."""
    for one in parameters:
        if one.place == "path":
            address = address.replace(f"{{{one.name}}}", quote(one.example or _SHOWN.get(one.name, one.name)))
    parts = ["curl", *([] if method == "GET" else [f"-X {method}"]), f"'{address}'"]
    lines = [" ".join(parts), "-H 'Authorization: Bearer gx_…'"]
    if sent:
        quoted = sent.replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{quoted}'"]
    return " \\\n  ".join(lines)


_SHOWN = {"value": "ERP-7", "field": "name"}
