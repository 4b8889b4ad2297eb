"""From drafts to journal entries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from guanxi.journal.recorder import Recorder
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.rules import Draft, written


def record(kind: ObjectType, drafts: Sequence[Draft], recorder: Recorder) -> None:
    """One entry per draft; a backdated record (import, demo) is journaled at its own moment of creation."""
    spoken = {key: _speaker(kind.fields[key]) for key in written(drafts) if kind.fields[key].spec.audited}
    backdated = "created_at" if drafts[0].created else "updated_at"
    rows = [(draft.record.id, _changes(draft, spoken), draft.values.get(backdated)) for draft in drafts]
    recorder.record(kind.key, drafts[0].verb, rows)


def _changes(draft: Draft, spoken: Mapping[str, Callable[[Any], Any]]) -> dict[str, list[Any]]:
    """``{field: [before, after]}`` in JSON form, of the audited fields that change."""
    if draft.created:
        return {
            key: [None, to_json(value)]
            for key, value in draft.values.items()
            if value is not None and (to_json := spoken.get(key))
        }
    changes: dict[str, list[Any]] = {}
    for key, value in draft.values.items():
        if key not in spoken:
            continue
        was = draft.was(key)
        if value != was:
            to_json = spoken[key]
            changes[key] = [None if was is None else to_json(was), None if value is None else to_json(value)]
    return changes


def _speaker(field: FieldDefinition) -> Callable[[Any], Any]:
    """How a value is put into JSON. Encrypted values never reach the journal."""
    if field.kind.name == "encrypted":
        return lambda value: field.kind.to_text(value) or None
    return field.kind.to_json
