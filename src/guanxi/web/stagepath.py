"""The stage path of a record page: the steps of a select, or of a lookup to records with a position."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.access.actor import Actor
from guanxi.access.kept import is_kept, kept
from guanxi.engine import read
from guanxi.engine.query import Condition, Tree
from guanxi.engine.shapes import RecordView
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.widgets import may_ask

LIMIT = 60


@dataclass(frozen=True)
class Step:
    """One step: ``state`` is done, here or next; ``category`` is open, won, lost or empty."""

    value: str
    label: str
    state: str
    category: str


@dataclass(frozen=True)
class StagePath:
    """The path of one record."""

    field: FieldDefinition
    steps: tuple[Step, ...]
    movable: bool


def of(actor: Actor, view: RecordView) -> StagePath | None:
    """The path, or ``None`` when the object has none or the actor may not see its field."""
    key = view.kind.declaration.path
    field = view.kind.fields.get(key)
    if field is None or actor.field_level(view.kind.key, key) in ("hidden", "masked"):
        return None
    found = _steps(actor, view, field)
    current = str(view.row.values.get(key) or "")
    at = next((index for index, step in enumerate(found) if step[0] == current), -1)
    steps = tuple(
        Step(value, label, _state(index, at, category), category)
        for index, (value, label, category) in enumerate(found)
    )
    movable = view.row.editable and not view.row.deleted and may_ask(field, actor)
    return StagePath(field, steps, movable) if steps else None


def _state(index: int, at: int, category: str) -> str:
    if index == at:
        return "here"
    return "done" if index < at and category in ("", "open") else "next"


def _steps(actor: Actor, view: RecordView, field: FieldDefinition) -> list[tuple[str, str, str]]:
    if field.kind.family != "lookup":
        return [
            (option.key, option.label.text(actor.language), "") for option in field.spec.options if not option.retired
        ]
    target = snapshot().get(field.spec.target)
    if "position" not in target.fields:
        return []
    scope = _scope(view, field, target)

    def find() -> list[tuple[str, str, str]]:
        listing = read.Listing(query=scope, sort="position", columns=("category",), size=LIMIT, count=False)
        rows = read.page(actor, target.key, listing).rows
        return [(str(row.id), row.title, str(row.values.get("category") or "")) for row in rows]

    # What a person may see of a step differs from role to role.
    key = ("steps", target.key, scope, actor.user_id, actor.is_administrator, actor.language)
    return kept(actor, key, find) if is_kept(target) else find()


def _scope(view: RecordView, field: FieldDefinition, target: ObjectType) -> Tree | None:
    """Only the steps that agree with the record in the field the lookup depends on: those of its pipeline."""
    depends = field.spec.depends
    value = view.row.values.get(depends) if depends else None
    return Condition(depends, "eq", value) if value is not None and depends in target.fields else None
