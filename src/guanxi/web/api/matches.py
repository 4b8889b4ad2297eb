"""What is told of records that may be the same, beside what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.dedupe import checking
from guanxi.engine.dedupe.records import fields_of, values_by_id
from guanxi.engine.matching.keys import read_fields
from guanxi.schema.definition import ObjectType


def of_new(actor: Actor, kind: ObjectType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Warnings about a record with these values. What a rule refuses, the write door refuses by itself."""
    return _told(checking.check(actor, kind, values))


def of_change(actor: Actor, kind: ObjectType, record_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Warnings about a change of fields that duplicates are told by, looked at together with those that stayed."""
    if not read_fields(kind) & values.keys():
        return {}
    read = values_by_id(kind, [record_id])[record_id]
    return _told(checking.check(actor, kind, {field.key: read(field.key) for field in fields_of(kind)}, record_id))


def _told(found: checking.Check) -> dict[str, Any]:
    warnings = [{"code": "duplicate", **match.as_json()} for match in found.matches]
    return {"warnings": warnings} if warnings else {}
