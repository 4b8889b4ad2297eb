"""Field by field: which record's value the survivor gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.parse import refusal
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft

ALL = "all"
"""Choice for a field of several values: those of every record together."""
MOST = 10
"""So many records are merged at once, the survivor among them."""
Chosen = Mapping[str, int | str]
"""Record id, or :data:`ALL`, by field key."""
NEVER = ("encrypted", "auto_number", "roll_up", "roll_up_money")


def choosable(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """The fields whose value the actor may choose: open to writing, shown, and their history kept.

    Of fields that belong together only the first one is chosen; the others follow it.
    """
    following = {key for group in _groups(kind) for key in group[1:]}
    return [field for field in kind.fields.values() if _choosable(actor, kind, field) and field.key not in following]


def _choosable(actor: Actor, kind: ObjectType, field: FieldDefinition) -> bool:
    plain = field.shown and field.writable and not field.system and field.spec.compute is None
    kept = field.kind.name not in NEVER and field.spec.audited
    own = not field.virtual or field.kind.family == "links"
    return plain and kept and own and actor.field_level(kind.key, field.key) == "write"


def several(field: FieldDefinition) -> bool:
    """Whether the field holds several values, which can be put together."""
    return field.kind.family == "links" or field.kind.name in ("multi_select", "tags")


def best(kind: ObjectType, drafts: Sequence[Draft]) -> int:
    """The record to keep unless somebody says otherwise: the most filled, of equals the one longest there."""
    fields = [field for field in kind.fields.values() if not field.system and field.shown]
    kept = min(drafts, key=lambda one: (-sum(_filled(one.get(f.key)) for f in fields), one.record.pk))
    return int(kept.record.pk)


def default(field: FieldDefinition, survivor: Draft, losers: Sequence[Draft]) -> int | str:
    """The choice unless somebody makes another: everything together, else the survivor's, else the newest value there is."""
    if several(field):
        return ALL
    if _filled(survivor.get(field.key)):
        return int(survivor.record.pk)
    filled = [one for one in losers if _filled(one.get(field.key))]
    newest = max(filled, key=lambda one: (one.record.updated_at, one.record.pk), default=survivor)
    return int(newest.record.pk)


def _filled(value: Any) -> bool:
    return value is not None and value != "" and value != () and value is not False


def chosen(actor: Actor, kind: ObjectType, survivor: Draft, losers: Sequence[Draft], choices: Chosen) -> dict[str, Any]:
    """The survivor's new values. Raises :class:`Invalid` for a choice that is none."""
    by_id = {one.record.pk: one for one in (survivor, *losers)}
    open_fields = {field.key: field for field in choosable(actor, kind)}
    wrong = {}
    for key, asked in choices.items():
        if key not in open_fields:
            wrong[key] = [_("You may not choose a value for this field.")]
        elif asked != ALL and asked not in by_id:
            wrong[key] = [_("Name one of the records that are being merged.")]
        elif asked == ALL and not several(open_fields[key]):
            wrong[key] = [_("Only fields of several values can be put together.")]
    if wrong:
        raise refusal(wrong)
    values: dict[str, Any] = {}
    for key, field in open_fields.items():
        choice: int | str | None = choices.get(key)
        if choice is None:
            choice = default(field, survivor, losers) if _may_by_default(actor, kind, key) else survivor.record.pk
        source = by_id.get(choice) if isinstance(choice, int) else None
        values[key] = source.get(key) if source is not None else _together(key, by_id.values())
        if source is not None:
            values |= {other: source.get(other) for other in _followers(kind, key)}
    return values | _following(kind, survivor, losers)


def _may_by_default(actor: Actor, kind: ObjectType, key: str) -> bool:
    """Filling an empty owner or state needs rights of its own: it is not done unasked by those who lack them."""
    if key == "owner":
        return actor.can("assign", kind.key)
    return key not in kind.states or actor.can("change_state", kind.key)


def _together(key: str, drafts: Any) -> tuple[Any, ...] | None:
    found = dict.fromkeys(value for one in drafts for value in one.get(key) or ())
    return tuple(sorted(found)) or None


def _groups(kind: ObjectType) -> Sequence[tuple[str, ...]]:
    return kind.declaration.merging.together if kind.declaration.merging is not None else ()


def _followers(kind: ObjectType, key: str) -> tuple[str, ...]:
    return next((group[1:] for group in _groups(kind) if group[0] == key), ())


def _following(kind: ObjectType, survivor: Draft, losers: Sequence[Draft]) -> dict[str, Any]:
    """What nobody chooses: the last contact is the latest of all; a number from another system is kept if there is one."""
    values: dict[str, Any] = {}
    for key in derived(kind):
        known = [value for one in (survivor, *losers) if (value := one.get(key)) is not None]
        values[key] = max(known, default=None)
    if "external_id" in kind.fields and not survivor.get("external_id"):
        values["external_id"] = next((one.get("external_id") for one in losers if one.get("external_id")), None)
    return values


def derived(kind: ObjectType) -> list[str]:
    """The dates that follow from records which point here, such as the last contact."""
    fields = kind.fields.values()
    return [f.key for f in fields if f.spec.quiet and f.spec.read_only and f.kind.family in ("date", "datetime")]


def settled(kind: ObjectType, survivor: Draft, losers: Sequence[int], values: dict[str, Any]) -> None:
    """Let no field of the survivor lead to a record that is going, nor back to itself over others."""
    group = {survivor.record.pk, *losers}
    for field in kind.fields.values():
        key = field.key
        if key not in values:
            continue
        if field.kind.family == "links" and field.spec.target == kind.key:
            values[key] = tuple(pk for pk in values[key] or () if pk not in group) or None
        elif field.kind.family == "lookup" and field.spec.target == kind.key:
            values[key] = _above(kind, field, group, values[key])
        elif field.kind.family == "lookup" and values[key] not in (None, survivor.was(key)):
            values[key] = values[key] if _lives(field, values[key]) else None
        elif field.kind.family == "reference" and values[key] in {f"{kind.key}:{pk}" for pk in group}:
            values[key] = None


def _lives(field: FieldDefinition, value: int) -> bool:
    """Whether the record pointed to is still there; what points into the recycle bin is not passed on."""
    target = snapshot().objects.get(field.spec.target)
    return target is None or target.model._default_manager.filter(pk=value, deleted_at=None).exists()


def _above(kind: ObjectType, field: FieldDefinition, group: set[int], value: int | None) -> int | None:
    """The nearest record above that does not lead back into the group: what stood above the uppermost of the group."""
    answer, current = value, value
    seen: set[int] = set()
    while current is not None and current not in seen:
        seen.add(current)
        rows = kind.model._default_manager.filter(pk=current).values_list(field.attribute, flat=True)
        above = rows.first()
        if current in group:
            answer = above
        current = above
    return None if answer in group else answer
