"""Examples of records, made from their declarations: what a reader of the documentation can send as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.access.actor import Actor
from guanxi.schema.definition import ObjectType
from guanxi.schema.spec import FieldSpec

_BY_KIND: dict[str, Any] = {
    "long_text": "上海 / Shanghai",
    "rich_text": "<p>…</p>",
    "email": "wang.min@example.com",
    "phone": "+8613800138000",
    "url": "https://example.com",
    "integer": 12,
    "decimal": 12.5,
    "percent": 35,
    "money": "120000.00",
    "formula": "120000.00",
    "date": "2026-03-01",
    "datetime": "2026-03-01T01:30:00Z",
    "boolean": True,
    "lookup": 7,
    "owner": 4,
    "reference": "account:7",
    "links": [1, 2],
    "tags": [1, 2],
    "auto_number": "A-000301",
    "geo_point": "31.230400,121.473700",
    "address": "上海市",
}
_BY_KEY = {
    "name": "示例科技有限公司",
    "currency": "CNY",
    "external_id": "ERP-7",
    "mobile": "+8613800138000",
    "city": "上海",
}


def record_of(actor: Actor, kind: ObjectType) -> dict[str, Any]:
    """A record as it is answered, with the fields of its list."""
    shown = [field for field in kind.columns if actor.field_level(kind.key, field.key) != "hidden"]
    values = {field.key: _value(field.key, field.spec) for field in shown}
    title = values.get(kind.title.key) or kind.label.en
    return {"id": 301, "version": 1, "title": str(title), **values}


def values_of(actor: Actor, kind: ObjectType) -> dict[str, Any]:
    """The values of a new record: those that are needed, and a few more."""
    writable = [
        field
        for field in kind.fields.values()
        if field.writable and not field.spec.hidden and actor.field_level(kind.key, field.key) == "write"
    ]
    needed = [field for field in writable if field.spec.required and field.kind.name != "owner"]
    plain = [field for field in writable if field.kind.family not in ("lookup", "links", "reference")]
    more = [field for field in plain if field.key in kind.declaration.list_columns and field not in needed]
    return {field.key: _value(field.key, field.spec) for field in [*needed, *more[: max(0, 4 - len(needed))]]}


def inputs_of(specs: Mapping[str, FieldSpec]) -> dict[str, Any]:
    """Inputs of an action: those that are needed, or else the first few."""
    needed = {key: spec for key, spec in specs.items() if spec.required}
    chosen = needed or dict(list(specs.items())[:2])
    return {key: _value(key, spec) for key, spec in chosen.items()}


def _value(key: str, spec: FieldSpec) -> Any:
    name = spec.kind.name
    if key in _BY_KEY and name in ("text", "phone"):
        return _BY_KEY[key]
    if name in ("select", "multi_select"):
        first = spec.options[0].key if spec.options else None
        return [first] if name == "multi_select" and first else first
    if name.startswith("roll_up"):
        return "0.00" if name == "roll_up_money" else 0
    return _BY_KIND.get(name, "示例")
