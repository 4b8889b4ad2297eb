"""Merging records: one change set, through the write door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.merging import beside, choosing, ledger, related
from guanxi.engine.write import Door, loading
from guanxi.kernel.errors import Invalid, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft

CAUSE = "merge"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: its change set, and how many records that the actor may see were turned to the survivor."""

    change_set: int
    survivor: int
    losers: tuple[int, ...]
    moved: int


def merge(
    actor: Actor,
    object_key: str,
    survivor: int,
    losers: Sequence[int],
    choices: choosing.Chosen | None = None,
    *,
    versions: Mapping[int, int] | None = None,
    request: str = "",
) -> Merged:
    """Merge records into one: its values are chosen, what points to the others is turned to it, the others go to the bin.

    ``choices`` names, by field, the record whose value is taken; what it leaves out is decided as the screen would propose.
    With ``versions`` only if nobody changed the records since those were read. Raises :class:`Invalid`, :class:`Refused`,
    :class:`NotFound` or :class:`Conflict`, and then nothing has changed.
    """
    kind = mergeable(actor, object_key)
    going = list(dict.fromkeys(pk for pk in losers if pk != survivor))
    if not 1 <= len(going) < choosing.MOST:
        raise Invalid(_("Choose two to %(most)d different records to merge.") % {"most": choosing.MOST})
    with write.change(actor, CAUSE, request=request) as door:
        drafts = read(actor, kind, [survivor, *going], versions)
        values = choosing.chosen(actor, kind, drafts[0], drafts[1:], choices or {})
        choosing.settled(kind, drafts[0], going, values)
        values = {key: value for key, value in values.items() if value != drafts[0].was(key)}
        _require_rights(actor, kind, drafts[0], values)
        moved = sum(number for _kind, number in related.counted(actor, kind, going))
        related.move(door.as_program(), kind, survivor, going)
        _let_go(door.as_program(), kind, drafts[1:])
        door.delete(kind.key, going)
        if values:
            door.as_program().revert(kind.key, {survivor: values})
        _require_reach(actor, kind, survivor)
        ledger.note(door, kind.key, survivor, going, beside.move(kind.key, survivor, going))
        actor.forget()
        return Merged(door.change_set or 0, survivor, tuple(going), moved)


RIGHTS = ("merge", "edit", "delete")
"""What merging takes: the right itself, changing the survivor, and deleting the others."""


def can_merge(actor: Actor, kind: ObjectType) -> bool:
    """Whether the actor may merge records of the object at all."""
    return kind.declaration.merging is not None and all(actor.can(right, kind.key) for right in RIGHTS)


def mergeable(actor: Actor, object_key: str) -> ObjectType:
    """The object, if its records can be merged and the actor holds the rights that this takes."""
    kind = snapshot().get(object_key)
    write.require(actor, "read", kind)
    if kind.declaration.merging is None:
        raise Refused(_("%(objects)s cannot be merged.") % {"objects": kind.plural})
    for right in RIGHTS:
        write.require(actor, right, kind)
    return kind


def read(actor: Actor, kind: ObjectType, ids: Sequence[int], versions: Mapping[int, int] | None = None) -> list[Draft]:
    """The records, locked, as the actor who is to change all of them finds them."""
    links = dict.fromkeys(field.key for field in kind.fields.values() if field.kind.family == "links")
    return loading.drafts(actor, kind, ids, "updated", versions or {}, {pk: links for pk in ids})


def _let_go(door: Door, kind: ObjectType, losers: Sequence[Draft]) -> None:
    """What followed from records that are the survivor's now is no longer true of the losers, should they be restored."""
    stale = {one.record.pk: {key: None for key in choosing.derived(kind) if one.get(key) is not None} for one in losers}
    if changes := {pk: values for pk, values in stale.items() if values}:
        door.revert(kind.key, changes)


def _require_rights(actor: Actor, kind: ObjectType, survivor: Draft, values: Mapping[str, object]) -> None:
    """Giving a record to somebody and moving it to another state are rights of their own."""
    if "owner" in values:
        write.require(actor, "assign", kind)
    if any(key in values for key in kind.states):
        write.require(actor, "change_state", kind)


def _require_reach(actor: Actor, kind: ObjectType, survivor: int) -> None:
    actor.forget()
    if loading.count_writable(actor, kind, [survivor]) != 1:
        raise Refused(_("This would put the record outside what you may edit. Choose an owner within your own scope."))
