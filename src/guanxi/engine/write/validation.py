"""Checks every object has: required fields, the kinds' own checks, references, uniqueness. Errors go to the drafts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every, named, visible
from guanxi.engine.write.numbering import number
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft, written


def validate(kind: ObjectType, drafts: Sequence[Draft], actor: Actor, since: datetime | None = None) -> None:
    """Check all drafts of one write; a handful of queries, whatever their number.

    ``since``: what values point to may have been in the recycle bin since then.
    """
    created = drafts[0].created if drafts else False
    touching = written(drafts)
    for field in kind.fields.values():
        if created and field.kind.name == "auto_number":
            number(kind, field, [draft for draft in drafts if not draft.get(field.key)])
            touching.add(field.key)
        if field.key not in touching:
            if created:
                _required(field, drafts)
            continue
        touched = drafts if created else [draft for draft in drafts if draft.changed(field.key)]
        _required(field, touched)
        given = [draft for draft in touched if draft.values.get(field.key) is not None]
        _kind_checks(field, given)
        if given and field.kind.family in ("lookup", "links"):
            _references(field, given, actor, since)
        elif given and field.kind.family == "reference":
            _any_reference(field, given, actor, since)
        if given and field.spec.unique:
            _unique(kind, (field.key,), given)
    for keys in kind.declaration.unique_together:
        _unique(kind, keys, [draft for draft in drafts if any(draft.changed(key) for key in keys)])


def _required(field: FieldDefinition, drafts: Sequence[Draft]) -> None:
    if field.spec.required:
        for draft in drafts:
            if draft.get(field.key) is None:
                draft.error(field.key, _("Please fill in %(field)s.") % {"field": field.label})


def _kind_checks(field: FieldDefinition, drafts: Sequence[Draft]) -> None:
    check, spec, key = field.kind.check, field.spec, field.key
    chosen = field.kind.family in ("choice", "choices")
    for draft in drafts:
        value = draft.values[key]
        if problem := check(value, spec):
            draft.error(key, problem)
        elif chosen:
            for option in value if isinstance(value, tuple) else (value,):
                _option(field, option, draft)


def _option(field: FieldDefinition, key: str, draft: Draft) -> None:
    option = field.spec.option(key)
    if option is None:
        draft.error(field.key, _("This is not one of the choices."))
    elif option.retired and key != draft.was(field.key):
        draft.error(field.key, _("“%(value)s” can no longer be chosen.") % {"value": option.label})


def _references(field: FieldDefinition, drafts: Sequence[Draft], actor: Actor, since: datetime | None) -> None:
    """Every record newly pointed to must exist and be visible to the actor, and agree where the lookup depends."""
    target = snapshot().objects.get(field.spec.target)
    if target is None:
        return
    wanted: set[int] = set()
    for draft in drafts:
        value = draft.get(field.key)
        wanted.update(value if isinstance(value, tuple) else (value,))
    columns = [target.fields[field.spec.depends].attribute] if field.spec.depends else []
    found: dict[int, Any] = {}
    ids = sorted(wanted)
    for start in range(0, len(ids), 5000):
        rows = _pointable(actor, target, ids[start : start + 5000], columns, since)
        found.update((row[0], row[1] if columns else None) for row in rows)
    for draft in drafts:
        value = draft.get(field.key)
        for pk in value if isinstance(value, tuple) else (value,):
            if pk not in found:
                draft.error(
                    field.key, _("This %(object)s does not exist, or you may not see it.") % {"object": target.label}
                )
            elif columns and found[pk] != draft.get(field.spec.depends):
                draft.error(field.key, _("This choice belongs elsewhere. Choose one from the list."))


def _pointable(
    actor: Actor, target: ObjectType, ids: Sequence[int], columns: Sequence[str], since: datetime | None
) -> Iterable[tuple[Any, ...]]:
    if since is None:
        return named(actor, target, ids, *columns, live=True)
    rows: Iterable[tuple[Any, ...]] = _seen(actor, target, since).filter(pk__in=ids).values_list("pk", *columns)
    return rows


def _seen(actor: Actor, kind: ObjectType, since: datetime | None) -> QuerySet[Any]:
    """The records of an object that the actor may point to."""
    return (
        visible(actor, kind, narrow=True)
        if since is None
        else every(actor, kind, narrow=True).filter(Q(deleted_at=None) | Q(deleted_at__lte=since))
    )


def _any_reference(field: FieldDefinition, drafts: Sequence[Draft], actor: Actor, since: datetime | None) -> None:
    """What is pointed to must exist, be visible to the actor, and have a timeline in which the pointing record appears."""
    wanted: dict[str, set[int]] = {}
    for draft in drafts:
        key, _colon, record = str(draft.get(field.key)).partition(":")
        wanted.setdefault(key, set()).add(int(record))
    found: set[str] = set()
    for key, ids in wanted.items():
        target = snapshot().objects.get(key)
        if target is not None and target.declaration.timeline:
            rows = _seen(actor, target, since).filter(pk__in=ids).values_list("pk", flat=True)
            found.update(f"{key}:{pk}" for pk in rows)
    message = _("This record does not exist, you may not see it, or it has no timeline. Choose another one.")
    for draft in drafts:
        if draft.get(field.key) not in found:
            draft.error(field.key, message)


def _unique(kind: ObjectType, keys: Sequence[str], drafts: Sequence[Draft]) -> None:
    """No two live records with the same values; neither in the database nor among the drafts."""
    seen: dict[tuple[Any, ...], Draft] = {}
    fields = [kind.fields[key] for key in keys]
    message = _("Another %(object)s already has this value.") % {"object": kind.label}
    for draft in drafts:
        values = tuple(draft.get(key) for key in keys)
        if None in values:
            continue
        if values in seen:
            draft.error(keys[0], message)
        seen[values] = draft
    pending = list(seen.items())
    for start in range(0, len(pending), 500):
        chunk = dict(pending[start : start + 500])
        condition = Q(pk__in=())
        if len(fields) == 1:
            condition = Q(**{f"{fields[0].attribute}__in": [fields[0].kind.storage(values[0]) for values in chunk]})
        else:
            for values in chunk:
                condition |= Q(**{f.attribute: f.kind.storage(v) for f, v in zip(fields, values, strict=True)})
        rows = kind.model._default_manager.filter(condition, deleted_at=None)
        for pk, *stored in rows.values_list("pk", *[field.attribute for field in fields]):
            values = tuple(field.kind.value(item) for field, item in zip(fields, stored, strict=True))
            draft_found = chunk.get(values)
            if draft_found is not None and draft_found.record.pk != pk:
                draft_found.error(keys[0], message)
