"""Writing the items of a step: new ones created, changed ones updated, the rest left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guanxi.access.models import Role, User
from guanxi.domains.integration.plan import FieldPlan
from guanxi.domains.integration.report import StepResult
from guanxi.domains.integration.resolve import by_external_id, by_field
from guanxi.domains.integration.rows import Item, StepReader
from guanxi.kernel.errors import Invalid
from guanxi.schema import registry
from guanxi.schema.rules import WriteDoor

SLICE = 2_000
"""Rows per call of the door: as many as it writes at once, so that a refused call has written nothing."""


def write_items(reader: StepReader, items: list[Item], door: WriteDoor, result: StepResult) -> None:
    """Create or update the records of the items; refused ones are marked as rejected in the report."""
    known = by_external_id(reader.kind, [item.external_id for item in items if item.external_id])
    used = _existing(reader, [item for item in items if item.external_id not in known])
    fresh: list[Item] = []
    ids: dict[int, Item] = {}
    for item in items:
        if item.rejected:
            continue
        if item.external_id in known:
            ids[known[item.external_id]] = item
        elif item.line.number in used:
            result.used += 1
        else:
            fresh.append(item)
    updated = _update(reader, ids, door)
    result.updated += len(updated)
    created = _create(reader, fresh, door, result)
    _give_role(reader, created)
    touched = _write_later(reader, items, ids | created, door)
    result.updated += len(touched - updated - set(created))
    result.unchanged += len(set(ids) - updated - touched)
    result.rejected += sum(item.rejected for item in items)


def _existing(reader: StepReader, items: Sequence[Item]) -> set[int]:
    """Line numbers of the items for which a record of the same name exists already."""
    key = reader.step.match
    if not key:
        return set()
    names = {item.line.number: item.values.get(key) for item in items if item.values.get(key)}
    found = by_field(reader.kind, key, [str(name) for name in names.values()], reader.plan.prefix)
    return {number for number, name in names.items() if name in found}


def _create(reader: StepReader, items: list[Item], door: WriteDoor, result: StepResult) -> dict[int, Item]:
    """Create the records, set-based; a refused row is put aside and the others are tried again."""
    created: dict[int, Item] = {}
    for start in range(0, len(items), SLICE):
        pending = items[start : start + SLICE]
        while pending:
            rows = [item.values | {"external_id": item.external_id} for item in pending]
            try:
                records = door.create_many(reader.step.object, rows)
            except Invalid as error:
                if not error.rows:
                    raise
                pending = _put_aside(reader, pending, error)
            else:
                created.update({record.pk: item for record, item in zip(records, pending, strict=True)})
                break
    result.created += len(created)
    return created


def _update(reader: StepReader, ids: dict[int, Item], door: WriteDoor) -> set[int]:
    """Write what differs from the records as they are. An empty cell leaves a field as it is."""
    updated: set[int] = set()
    order = list(ids)
    for start in range(0, len(order), SLICE):
        part = order[start : start + SLICE]
        changes = _differences(reader, {pk: ids[pk] for pk in part}, set(reader.kind.fields))
        while changes:
            try:
                door.update_each(reader.step.object, changes)
            except Invalid as error:
                if not error.rows:
                    raise
                refused = [list(changes)[index] for index in error.rows]
                _put_aside(reader, [ids[pk] for pk in changes], error)
                changes = {pk: change for pk, change in changes.items() if pk not in refused}
            else:
                updated |= set(changes)
                break
    return updated


def _differences(reader: StepReader, ids: dict[int, Item], keys: set[str]) -> dict[int, dict[str, Any]]:
    records = reader.kind.model._default_manager.filter(pk__in=list(ids))
    changes: dict[int, dict[str, Any]] = {}
    for record in records:
        values = {key: value for key, value in ids[record.pk].values.items() if key in keys and value is not None}
        differing = {key: value for key, value in values.items() if reader.kind.fields[key].read(record) != value}
        if differing:
            changes[record.pk] = differing
    return changes


def _write_later(reader: StepReader, items: list[Item], ids: dict[int, Item], door: WriteDoor) -> set[int]:
    later: list[FieldPlan] = reader.fill_later(items)
    if not later:
        return set()
    changes = _differences(reader, ids, {plan.key for plan in later})
    if changes:
        door.update_each(reader.step.object, changes)
    return set(changes)


def _put_aside(reader: StepReader, pending: list[Item], error: Invalid) -> list[Item]:
    for index, errors in error.rows.items():
        for key, messages in errors.items():
            value = pending[index].values.get(key)
            reader.reject(pending[index], key, "" if value is None else str(value), " ".join(messages))
    return [item for index, item in enumerate(pending) if index not in error.rows]


def _give_role(reader: StepReader, created: dict[int, Item]) -> None:
    """New people get the step's role, where the installation has it."""
    if reader.step.role and reader.step.object == "user" and created:
        members = User.roles.through
        for role in Role.objects.filter(key=reader.step.role):
            members.objects.bulk_create([members(user_id=pk, role_id=role.pk) for pk in created])
        registry.bump("access")
