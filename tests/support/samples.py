"""Valid values for any object, from its declaration alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from guanxi.access import audit
from guanxi.engine import write
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from tests.support.people import program

_SIMPLE: dict[str, Any] = {
    "text": "Sample 样本",
    "long_text": "First line\nsecond line",
    "rich_text": "<p>Sample</p>",
    "email": "sample@example.com",
    "phone": "+8613800138000",
    "url": "https://example.com/",
    "integer": 7,
    "decimal": Decimal("12.50"),
    "percent": Decimal("35.00"),
    "money": 123_456,
    "date": date(2026, 3, 1),
    "datetime": datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    "boolean": True,
    "address": "1 Sample Road",
    "geo_point": "31.230416,121.473701",
    "encrypted": "secret",
}


_PARTICULAR: dict[tuple[str, str], Any] = {
    ("stage", "required_fields"): "amount",
    ("role", "networks"): "10.0.0.0/8",
    ("sharing_rule", "object"): "account",
    ("sharing_rule", "query"): "level:a",
    ("identity_provider", "user_filter"): "(uid={username})",
    ("identity_provider", "group_filter"): "(member={dn})",
    ("identity_provider", "group_roles"): "sales → salesperson",
    ("identity_provider", "department_names"): "",
    ("webhook", "events"): "opportunity.updated",
    ("webhook", "condition"): "amount>=100",
    ("webhook", "secret"): "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=",
}
"""Fields whose text has a grammar of its own."""


def value_of(field: FieldDefinition, number: int) -> Any:
    """A valid value of a field without references; distinct per ``number`` for texts."""
    kind = field.kind
    if (particular := _PARTICULAR.get((field.object_key, field.key))) is not None:
        return particular
    if kind.family == "choice":
        return next(option.key for option in field.spec.options if not option.retired)
    if kind.family == "choices":
        return (field.spec.options[0].key,)
    if kind.name == "text":
        return f"Sample {number}"[: field.spec.max_length or 255]
    value = _SIMPLE.get(kind.name)
    if kind.family == "number" and value is not None:
        value = max(value, field.spec.minimum) if field.spec.minimum is not None else value
        value = min(value, field.spec.maximum) if field.spec.maximum is not None and kind.name != "money" else value
    return value


class Samples:
    """Makes records of any object, with those they must point to."""

    def __init__(self) -> None:
        self.number = 0
        self.made: dict[str, int] = {}

    def values(self, kind: ObjectType, *, full: bool = True) -> dict[str, Any]:
        """Values for a new record: the required fields, and with ``full`` every other plain field that can be written."""
        self.number += 1
        values: dict[str, Any] = {}
        together = {key for keys in kind.declaration.unique_together for key in keys}
        for field in kind.fields.values():
            closed = not field.writable and not field.spec.required
            if closed or field.virtual or field.system or field.kind.name in ("file", "image"):
                continue
            if field.kind.family in ("lookup", "reference"):
                if field.spec.required or field.spec.depends or field.key == "pipeline":
                    values[field.key] = self.reference(field, fresh=field.key in together)
            elif full or field.spec.required or field.key == kind.title.key:
                values[field.key] = value_of(field, self.number)
        for field in kind.fields.values():
            if field.spec.depends:
                target = snapshot().get(field.spec.target)
                pointed = target.model._default_manager.get(pk=values[field.key])
                values[field.spec.depends] = getattr(pointed, f"{field.spec.depends}_id")
        return {key: value for key, value in values.items() if value is not None}

    def reference(self, field: FieldDefinition, *, fresh: bool = False) -> Any:
        """A record the field can point to; a new one with ``fresh``."""
        if fresh:
            return self.create(field.spec.target).pk
        if field.kind.family == "reference":
            target = next(kind.key for kind in snapshot() if kind.declaration.timeline)
            return f"{target}:{self.record(target)}"
        return self.record(field.spec.target)

    def record(self, key: str) -> int:
        """One record of an object, the same at every call."""
        if key not in self.made:
            self.made[key] = self.create(key).pk
        return self.made[key]

    def create(self, key: str, **values: Any) -> Any:
        """A new record with only what it needs, and ``values``."""
        if key == "audit_event":
            return audit.note("signed_in", name="Sample")
        kind = snapshot().get(key)
        with write.change(program(), "test") as door:
            return door.create(key, self.values(kind, full=False) | values)
