"""JSON lines: one record per line, in the form of the API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from guanxi.engine.export.order import Plan
from guanxi.engine.export.rows import batches
from guanxi.engine.shapes import Row
from guanxi.schema.definition import FieldDefinition

MEDIA_TYPE = "application/jsonl; charset=utf-8"


def write(plan: Plan, ids: Sequence[int]) -> Iterator[bytes]:
    """The file in pieces of at most 1,000 lines."""
    for rows, _labels in batches(plan, ids):
        lines = (json.dumps(as_json(row, plan.fields), ensure_ascii=False, separators=(",", ":")) for row in rows)
        yield "".join(f"{line}\n" for line in lines).encode()


def as_json(row: Row, fields: Iterable[FieldDefinition]) -> dict[str, Any]:
    """A row as the API gives it: id, version, title and the fields, masked ones as shown."""
    body: dict[str, Any] = {"id": row.id, "version": row.version, "title": row.title}
    for field in fields:
        value = row.values.get(field.key)
        body[field.key] = value if field.key in row.masked else field.kind.to_json(value)
    return body
