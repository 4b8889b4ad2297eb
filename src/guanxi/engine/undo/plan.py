"""What undoing a change set would do, record by record, and what stands against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every
from guanxi.engine.labels import labels_for
from guanxi.engine.merge_record import Merge
from guanxi.engine.merging.ledger import of_change
from guanxi.engine.retention.thinning import thinned
from guanxi.engine.undo.changes import BESIDE, CHUNK, Change, later, of_set
from guanxi.engine.write.deletion import parts_of
from guanxi.journal.models import ChangeSet, Entry
from guanxi.journal.redaction import is_redacted
from guanxi.kernel.errors import NotFound
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that cannot be undone, and why, in words."""

    change: Change
    reason: str
    forbidden: bool = False
    """Whether it is a matter of rights, which others may hold."""


@dataclass
class Plan:
    """What undo would do: the changes it takes back, in the order in which it does so, and those it leaves."""

    change_set: ChangeSet
    possible: list[Change] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    merge: Merge | None = None
    """The merge that the change set made or took back: it is undone as a whole or not at all."""

    @property
    def redoes(self) -> bool:
        """Whether the change set is itself an undo, so that taking it back does things again."""
        return self.change_set.cause == "undo"

    def named(self, change: Change) -> bool:
        """Whether the change is to a record that somebody named. What followed a merge, follows its undo: only the records
        merged need be within the reach of whoever undoes it."""
        merge = self.merge
        return merge is None or (change.object == merge.object and change.record in (merge.survivor, *merge.losers))


def plan(actor: Actor, change_set_id: int, only: Collection[tuple[str, int]] | None = None) -> Plan:
    """What undoing the change set (or what it did to the records ``only`` names) would do for this actor.

    Raises :class:`NotFound` for a change set of which the actor may see nothing.
    """
    change_set = ChangeSet.objects.filter(pk=change_set_id).first()
    if change_set is None:
        raise _missing()
    made = Plan(change_set, merge=of_change(change_set_id))
    summed_up = bool(thinned([change_set_id]))
    seen = False
    for kind, changes in runs(made, _in_order(of_set(change_set, only if made.merge is None else None))):
        judge = actor if made.named(changes[0]) else actor.as_program()
        known = _known(judge, kind, changes)
        seen = seen or (bool(known) and judge is actor)
        visible = [change for change in changes if change.record in known]
        if summed_up:
            reason = _("The history of that time has been summed up, so this can no longer be undone.")
            made.refused += [Refusal(change, reason) for change in visible]
        else:
            _judge(judge, kind, visible, made)
        made.refused += [
            Refusal(change, _("You may not see this record."), forbidden=True)
            for change in changes
            if change.record not in known
        ]
    if not seen:
        raise _missing()
    if made.merge is not None and made.refused:
        made.possible.clear()
    return made


def require_sight(actor: Actor, change_set_id: int) -> None:
    """Raise :class:`NotFound` unless the actor may see one of the records that the change set touched."""
    entries = Entry.objects.filter(change_set=change_set_id)
    for key in entries.order_by().values_list("object", flat=True).distinct():
        kind = snapshot().objects.get(key)
        touched = entries.filter(object=key).values("record")
        if kind is not None and kind.declaration.kind != "log" and every(actor, kind).filter(pk__in=touched).exists():
            return
    raise _missing()


def _missing() -> NotFound:
    return NotFound(_("There is no such change, or you may see none of the records it touched."))


def _in_order(changes: Sequence[Change]) -> list[Change]:
    """Records come back before what points to them gets its values, and go last of all, the youngest first."""
    ways: dict[str, list[Change]] = {}
    for change in changes:
        ways.setdefault(change.way, []).append(change)
    first = [*ways.get("restore", []), *reversed(ways.get("values", [])), *reversed(ways.get("delete", []))]
    return [*first, *ways.get("impossible", []), *ways.get("nothing", [])]


def runs(made: Plan, changes: Sequence[Change]) -> Iterator[tuple[ObjectType, list[Change]]]:
    """Changes that are looked at and done together: of one object, one way and one person's rights."""
    for (key, *_rest), run in groupby(changes, key=lambda change: (change.object, change.way, made.named(change))):
        kind = snapshot().objects.get(key)
        found = list(run)
        if kind is not None and kind.declaration.kind != "log":
            for start in range(0, len(found), CHUNK):
                yield kind, found[start : start + CHUNK]


def _known(actor: Actor, kind: ObjectType, changes: Sequence[Change]) -> frozenset[int]:
    """The records among them that the actor may see, those in the recycle bin included."""
    rows = every(actor, kind).filter(pk__in=[change.record for change in changes])
    return frozenset(rows.values_list("pk", flat=True))


def _judge(actor: Actor, kind: ObjectType, changes: Sequence[Change], made: Plan) -> None:
    """Sort changes of one object and one way into those that can be undone and those that cannot."""
    if not changes:
        return
    rows = every(actor, kind, "write").filter(pk__in=[change.record for change in changes])
    writable = {record.pk: record for record in rows}
    since = later(changes)
    links = _links(kind, [change.record for change in changes])
    holding = _holding(kind, changes)
    people = _names(actor, since)
    for change in changes:
        record = writable.get(change.record)
        reason = _against(kind, change, since.get(change.record, []), people)
        forbidden = "" if reason else _forbidden(actor, kind, change, writable=record is not None)
        if not reason and not forbidden:
            reason = _differs(kind, change, record, links) or holding.get(change.record, "")
        if reason or forbidden:
            made.refused.append(Refusal(change, reason or forbidden, forbidden=not reason))
        elif change.way != "nothing":
            made.possible.append(change)


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


def _forbidden(actor: Actor, kind: ObjectType, change: Change, *, writable: bool) -> str:
    """The right that the actor lacks, in words; empty when none."""
    needed = {"values": "edit", "delete": "delete", "restore": "restore"}.get(change.way, "edit")
    if not actor.can(needed, kind.key):
        return _("You have no right to do this with %(object)s.") % {"object": kind.plural}
    if not writable:
        return _("You may see this record but not change it.")
    for key in change.changes if change.way in ("values", "restore") else ():
        if kind.fields[key].writable and actor.field_level(kind.key, key) != "write":
            return _("It changes a field that you may not change.")
    return ""


def _differs(kind: ObjectType, change: Change, record: Any, links: Mapping[tuple[int, str], list[int]]) -> str:
    """A record that is not as the change left it was written past the journal, or is gone."""
    if (record.deleted_at is not None) != (change.way == "restore"):
        return _("It is in the recycle bin.") if record.deleted_at is not None else _("It is no longer in the bin.")
    if change.way == "delete":
        return ""
    for key, (_before, after) in change.changes.items():
        field = kind.fields[key]
        if field.spec.compute is None and _now(field, record, links) != after:
            return _("“%(field)s” has another value by now.") % {"field": field.label}
    return ""


def _now(field: FieldDefinition, record: Any, links: Mapping[tuple[int, str], list[int]]) -> Any:
    if field.kind.family == "links":
        return links.get((record.pk, field.key))
    return field.kind.to_json(field.read(record))


def _links(kind: ObjectType, ids: Sequence[int]) -> dict[tuple[int, str], list[int]]:
    if not any(field.kind.family == "links" for field in kind.fields.values()):
        return {}
    found: dict[tuple[int, str], list[int]] = {}
    rows = Link.objects.filter(object=kind.key, record__in=ids).order_by("target")
    for record, key, target in rows.values_list("record", "field", "target"):
        found.setdefault((record, key), []).append(target)
    return found


def _holding(kind: ObjectType, changes: Sequence[Change]) -> dict[int, str]:
    """Records made by the change set that hold parts made later: those would go along."""
    if changes[0].way != "delete":
        return {}
    ids = [change.record for change in changes]
    own = {(change.object, change.record) for change in of_set(ChangeSet(pk=changes[0].change_set, undoes=None))}
    found: dict[int, str] = {}
    for part, via in parts_of(kind):
        if part.declaration.kind == "log":
            continue
        rows = part.model._default_manager.filter(**{f"{via.attribute}__in": ids}, deleted_at=None)
        for pk, parent in rows.values_list("pk", via.attribute):
            if (part.key, pk) not in own:
                found[parent] = _("It has %(parts)s that were added later.") % {"parts": part.plural}
    return found


def _names(actor: Actor, since: Mapping[int, Sequence[Change]]) -> dict[int, str]:
    people = {one.actor for changes in since.values() for one in changes if one.actor is not None}
    return {pk: title for (_key, pk), title in labels_for(actor, {"user": people}).items()} if people else {}
