"""What a webhook tells of an entry: as much as its responsible person may see, nothing of records closed to them."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.visibility import every
from guanxi.engine.export.jsonlines import as_json
from guanxi.engine.history import names_of
from guanxi.engine.masking import masked
from guanxi.engine.rows import fetch
from guanxi.journal.models import Entry
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


def payload(actor: Actor, entry: Entry, event: str) -> dict[str, Any] | None:
    """The message as JSON data; ``None`` where the record is closed to the actor, or gone for good."""
    kind = snapshot().objects.get(entry.object)
    if kind is None or not actor.can("read", kind.key):
        return None
    data = present(actor, kind, entry.record)
    if data is None:
        return None
    names = names_of(actor, [entry])
    return {
        "id": event,
        "type": f"{entry.object}.{entry.verb}",
        "at": moment(entry.at),
        "actor": {"id": entry.actor, "name": names.get(entry.actor)} if entry.actor is not None else None,
        "object": entry.object,
        "record": entry.record,
        "cause": entry.cause,
        "changes": changes(actor, kind, entry),
        "data": data,
    }


def present(actor: Actor, kind: ObjectType, record: int) -> dict[str, Any] | None:
    """The record as it stands now, in the form of the API; also one in the recycle bin."""
    fields = tuple(actor.visible_fields(kind))
    rows, _marks = fetch(every(actor, kind, narrow=True).filter(pk=record), kind, fields, actor, editable=False)
    return as_json(rows[0], fields) if rows else None


def changes(actor: Actor, kind: ObjectType, entry: Entry) -> dict[str, dict[str, Any]]:
    """Before and after of the fields open to the actor; masked ones as they are shown."""
    found = {}
    for key, sides in entry.changes.items():
        field = kind.fields.get(key)
        level = actor.field_level(kind.key, key)
        if field is None or not field.shown or level == "hidden" or not isinstance(sides, list) or len(sides) != 2:
            continue
        before, after = (_masked(field, value) if level == "masked" else value for value in sides)
        found[key] = {"before": before, "after": after}
    return found


def _masked(field: FieldDefinition, value: Any) -> Any:
    try:
        return masked(field, field.kind.parse(value, field.spec)) if value is not None else None
    except ValueError:
        return masked(field, value)


def moment(at: Any) -> str:
    """A moment in ISO 8601, in UTC."""
    return str(at.isoformat()).replace("+00:00", "Z")
