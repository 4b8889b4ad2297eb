"""What stands against undoing a change: rights, later changes, a record that is not as the change left it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.labels import labels_for
from guanxi.engine.undo.changes import BESIDE, Change, later
from guanxi.engine.write.deletion import DELETED_AT, parts_of
from guanxi.journal.models import Entry
from guanxi.journal.redaction import is_redacted
from guanxi.kernel.sql import IdIn
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.record import Record


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that cannot be undone, and why, in words."""

    change: Change
    reason: str
    forbidden: bool = False
    """Whether it is a matter of rights, which others may hold."""


def judge(
    actor: Actor, kind: ObjectType, changes: Sequence[Change], locked: Mapping[int, Record] | None = None
) -> tuple[list[Change], list[Refusal]]:
    """Which changes (of one object and one way, all of them visible to the actor) can be undone, and which cannot.

    ``locked`` are the records that the actor may write, if they are at hand.
    """
    since = later(changes)
    writable = _as_they_are(actor, kind, changes, locked)
    holding = _holding(kind, changes)
    people = _names(actor, since)
    rights = _Rights(actor, kind, changes)
    possible: list[Change] = []
    refused: list[Refusal] = []
    for change in changes:
        record = writable.get(change.record)
        reason = _against(kind, change, since.get(change.record, ()), people)
        forbidden = "" if reason else rights.lacking(change, writable=record is not None)
        if not reason and record is not None and not forbidden:
            reason = _differs(kind, change, record) or holding.get(change.record, "")
        if reason or forbidden:
            refused.append(Refusal(change, reason or forbidden, forbidden=not reason))
        elif change.way != "nothing":
            possible.append(change)
    return possible, refused


def _against(kind: ObjectType, change: Change, since: Sequence[Change], people: Mapping[int, str]) -> str:
    """Why the change cannot be undone, as far as the journal says; empty when nothing speaks against it."""
    if change.way == "impossible":
        return _("Files, sharing and rights are changed back where they are kept, not by undo.")
    if any(one.undoes == change.change_set for one in since):
        return _("This has been undone already.")
    for one in since:
        lost = _lost(kind, change, one)
        if lost is not None:
            who = people.get(one.actor or 0) or _("The program")
            return _("%(person)s has changed it since (%(fields)s). Undo that first, or change it by hand.") % {
                "person": who,
                "fields": lost,
            }
    return _unkept(kind, change)


def _lost(kind: ObjectType, change: Change, one: Change) -> str | None:
    """What of a later change would be lost, in words; ``None`` when nothing."""
    if any(verb in ("purged", "redacted") for verb in one.verbs):
        return _("removed for good")
    if any(verb in ("created", "deleted", "restored") for verb in one.verbs):
        return _("deleted or restored")
    if change.way != "values" and any(verb in BESIDE for verb in one.verbs):
        return _("merged with others")
    touched = [kind.fields[key] for key in one.changes if key in kind.fields and kind.fields[key].spec.compute is None]
    if change.way == "values":
        touched = [field for field in touched if field.key in change.changes]
    else:
        touched = [field for field in touched if not field.spec.quiet]
    return ", ".join(str(field.label) for field in touched[:4]) if touched else None


def _unkept(kind: ObjectType, change: Change) -> str:
    """Fields that are gone, or whose former value is not kept."""
    for key, (before, _after) in change.changes.items() if change.way in ("values", "restore") else ():
        field = kind.fields.get(key)
        if field is None:
            return _("The field “%(field)s” no longer exists.") % {"field": key}
        if field.kind.name == "encrypted" or is_redacted(before):
            return _("The former value of “%(field)s” is not kept.") % {"field": field.label}
    return ""


class _Rights:
    """What the actor may do with the changes of one object and one way, asked once for all of them."""

    def __init__(self, actor: Actor, kind: ObjectType, changes: Sequence[Change]) -> None:
        self.kind = kind
        self.way = changes[0].way
        needed = {"values": "edit", "delete": "delete", "restore": "restore"}.get(self.way, "edit")
        self.allowed = actor.can(needed, kind.key)
        fields = [kind.fields[key] for key in _touched(changes) if key in kind.fields]
        self.closed = {f.key for f in fields if f.writable and actor.field_level(kind.key, f.key) != "write"}

    def lacking(self, change: Change, *, writable: bool) -> str:
        """The right that the actor lacks, in words; empty when none."""
        if not self.allowed:
            return _("You have no right to do this with %(object)s.") % {"object": self.kind.plural}
        if not writable:
            return _("You may see this record but not change it.")
        if self.way in ("values", "restore") and not self.closed.isdisjoint(change.changes):
            return _("It changes a field that you may not change.")
        return ""


def _touched(changes: Sequence[Change]) -> set[str]:
    return set[str]().union(*(change.changes for change in changes))


def _differs(kind: ObjectType, change: Change, record: Mapping[str, Any]) -> str:
    """A record that is not as the change left it was written past the journal, or is gone."""
    if (record[DELETED_AT] is not None) != (change.way == "restore"):
        return _("It is in the recycle bin.") if record[DELETED_AT] is not None else _("It is no longer in the bin.")
    if change.way == "delete":
        return ""
    for key, (_before, after) in change.changes.items():
        field = kind.fields[key]
        if field.spec.compute is not None:
            continue
        now = record.get(key) if field.kind.family == "links" else field.kind.to_json(field.held(record))
        if now != after:
            return _("“%(field)s” has another value by now.") % {"field": field.label}
    return ""


def _as_they_are(
    actor: Actor, kind: ObjectType, changes: Sequence[Change], locked: Mapping[int, Record] | None
) -> dict[int, dict[str, Any]]:
    """Of the records that the actor may write, what the changes touched as it is now, by the attributes of the record."""
    fields = [kind.fields[key] for key in _touched(changes) if key in kind.fields]
    ids = [change.record for change in changes]
    if locked is not None:
        found = {pk: record.__dict__ for pk, record in locked.items()}
    else:
        columns = {"extra" if field.custom else field.attribute for field in fields if not field.virtual}
        names = ["pk", DELETED_AT, *sorted(columns)]
        rows = among(actor, kind, ids, "write")
        found = {row[0]: dict(zip(names, row, strict=True)) for row in rows.values_list(*names)}
    if any(field.kind.family == "links" for field in fields):
        found = {pk: dict(values) for pk, values in found.items()}
        links = Link.objects.filter(IdIn(F("record"), ids), object=kind.key).order_by("target")
        for record, key, target in links.values_list("record", "field", "target"):
            if record in found:
                found[record].setdefault(key, []).append(target)
    return found


def _holding(kind: ObjectType, changes: Sequence[Change]) -> dict[int, str]:
    """Records made by the change set that hold parts made later: those would go along."""
    if changes[0].way != "delete":
        return {}
    ids = [change.record for change in changes]
    found: dict[int, str] = {}
    for part, via in parts_of(kind):
        if part.declaration.kind == "log":
            continue
        rows = part.model._default_manager.filter(**{f"{via.attribute}__in": ids}, deleted_at=None)
        parents = dict(rows.values_list("pk", via.attribute))
        made = Entry.objects.filter(change_set=changes[0].change_set, object=part.key, record__in=list(parents))
        own = set(made.values_list("record", flat=True))
        for pk, parent in parents.items():
            if pk not in own:
                found[parent] = _("It has %(parts)s that were added later.") % {"parts": part.plural}
    return found


def _names(actor: Actor, since: Mapping[int, Sequence[Change]]) -> dict[int, str]:
    people = {one.actor for changes in since.values() for one in changes if one.actor is not None}
    return {pk: title for (_key, pk), title in labels_for(actor, {"user": people}).items()} if people else {}
