"""From drafts to journal entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from guanxi.journal.recorder import Recorder
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.rules import Draft


def record(kind: ObjectType, drafts: Sequence[Draft], recorder: Recorder) -> None:
    """One entry per draft; a backdated record (import, demo) is journaled at its own moment of creation."""
    rows = []
    for draft in drafts:
        moment: datetime | None = draft.values.get("created_at" if draft.created else "updated_at")
        rows.append((draft.record.pk, changes_of(kind, draft), moment))
    recorder.record(kind.key, drafts[0].verb, rows)


def changes_of(kind: ObjectType, draft: Draft) -> dict[str, list[Any]]:
    """``{field: [before, after]}`` in JSON form, of the audited fields that change."""
    changes: dict[str, list[Any]] = {}
    for key in draft.values:
        field = kind.fields[key]
        if field.spec.audited and draft.changed(key):
            changes[key] = [_json(field, draft.was(key)), _json(field, draft.get(key))]
    return changes


def _json(field: FieldDefinition, value: Any) -> Any:
    """Encrypted values never reach the journal."""
    if field.kind.name == "encrypted":
        return field.kind.to_text(value) or None
    return field.kind.to_json(value)
