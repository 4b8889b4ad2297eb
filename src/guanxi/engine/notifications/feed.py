"""From the journal to notices: what others change about the records somebody owns or follows.

Only what the reader may see at that moment is told, and of a change only the names of fields that are open to the reader,
never values. Many changes of one record, and of many records in one act, become one line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.access.visibility import among
from guanxi.engine.labels import shown_titles
from guanxi.engine.notifications.tables import Follow
from guanxi.engine.notifications.telling import Telling, tell
from guanxi.engine.notifications.wording import Doing, doings
from guanxi.journal import causes
from guanxi.journal.models import Entry
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

SINGLY = 3
"""Up to so many records changed in one act are told one by one; more as a sum."""
_CLOSED = ("hidden", "masked")


@dataclass
class _Change:
    """What one act did to one record, put together from its entries."""

    entry: Entry
    fields: set[str] = field(default_factory=set)
    handed_to: set[int] = field(default_factory=set)
    """People who became the owner: they were told so at once."""


class NoticeFeed:
    """A consumer of the journal."""

    name = "notifications"

    def take(self, entries: Sequence[Entry]) -> None:
        """Tell owners and followers, within the transaction that moves the cursor."""
        by_kind: dict[ObjectType, dict[tuple[int, int, str], _Change]] = {}
        for entry in entries:
            kind = snapshot().objects.get(entry.object)
            if kind is None or kind.declaration.kind != "standard" or entry.actor is None or entry.verb not in doings():
                continue
            if not causes.notifies(entry.cause):
                continue
            key = (entry.change_set_id, entry.record, entry.verb)
            change = by_kind.setdefault(kind, {}).setdefault(key, _Change(entry))
            change.fields |= entry.changes.keys()
            after = (entry.changes.get("owner") or [None, None])[-1]
            if isinstance(after, int):
                change.handed_to.add(after)
        tellings: list[Telling] = []
        for kind, changes in by_kind.items():
            tellings.extend(_tellings(kind, list(changes.values())))
        tell(tellings)


def _tellings(kind: ObjectType, changes: list[_Change]) -> list[Telling]:
    concerned = _concerned(kind, {change.entry.record for change in changes})
    people = {person for record in concerned.values() for person in record}
    actors = {user.pk: actor_for(user) for user in User.objects.filter(pk__in=people, is_active=True, deleted_at=None)}
    names = dict(User.objects.filter(pk__in={change.entry.actor for change in changes}).values_list("pk", "name"))
    large = _large(kind, {change.entry.change_set_id for change in changes})
    tellings: list[Telling] = []
    for person, actor in actors.items():
        mine = [
            change
            for change in changes
            if person in concerned.get(change.entry.record, {})
            and change.entry.actor != person
            and person not in change.handed_to
        ]
        titles = _titles(actor, kind, {change.entry.record for change in mine})
        for change in mine:
            record = change.entry.record
            if record in titles:
                doing = doings()[change.entry.verb]
                reason = concerned[record][person]
                name = names.get(change.entry.actor or 0, "")
                told = _told(
                    actor, kind, change, reason, name, doing, titles[record], change.entry.change_set_id in large
                )
                tellings.extend(told)
    return _summed(tellings)


def _concerned(kind: ObjectType, records: Collection[int]) -> Mapping[int, dict[int, str]]:
    """Who is to be told about each record, and why: its owner, and those who follow it."""
    found: dict[int, dict[int, str]] = {}
    rows = Follow.objects.filter(object=kind.key, record__in=records).values_list("record", "person_id")
    for record, person in rows:
        found.setdefault(record, {})[person] = "followed_changed"
    if kind.owned:
        owner = kind.fields["owner"].expression()
        owners = kind.model._default_manager.filter(pk__in=records).annotate(_owner=owner).exclude(_owner=None)
        for record, person in owners.values_list("pk", "_owner"):
            found.setdefault(record, {})[person] = "own_changed"
    return found


def _large(kind: ObjectType, change_sets: Collection[int]) -> set[int]:
    """The acts that changed many records of the object, however many of them came in this batch."""
    large = set()
    for pk in change_sets:
        rows = Entry.objects.filter(change_set=pk, object=kind.key).order_by()
        if rows[: SINGLY + 1].count() > SINGLY:
            large.add(pk)
    return large


def _titles(actor: Actor, kind: ObjectType, records: Collection[int]) -> dict[int, str]:
    """What the records are called to the actor; those that are closed to the actor are left out."""
    if not records or not actor.can("read", kind.key):
        return {}
    fields = shown_titles(kind, actor)
    rows = among(actor, kind, records).values_list("pk", *[one.attribute for one in fields])
    return {pk: next((str(text) for text in texts if text), str(pk)) for pk, *texts in rows}


def _told(
    actor: Actor, kind: ObjectType, change: _Change, reason: str, name: str, doing: Doing, title: str, large: bool
) -> list[Telling]:
    entry = change.entry
    shown = [
        kind.fields[key]
        for key in kind.fields
        if key in change.fields and kind.fields[key].shown and actor.field_level(kind.key, key) not in _CLOSED
    ]
    if doing.of_fields and not shown:
        return []
    if large:
        gathering = f"set:{entry.change_set_id}:{entry.verb}:{kind.key}:{reason}"
        said = doing.many(name, kind, title, followed=reason == "followed_changed")
        return [Telling(actor.user_id or 0, reason, said, kind.key, None, gathering)]
    gathering = f"one:{entry.record}:{entry.actor}:{entry.verb}:{kind.key}"
    said = doing.one(name, kind, title, [one.label for one in shown])
    return [Telling(actor.user_id or 0, reason, said, kind.key, entry.record, gathering)]


def _summed(tellings: list[Telling]) -> list[Telling]:
    """One telling per person and gathering, with the number of changes."""
    last: dict[tuple[int, str], Telling] = {}
    for one in tellings:
        before = last.get((one.recipient, one.gathering))
        count = (before.count if before else 0) + 1
        last[(one.recipient, one.gathering)] = Telling(
            one.recipient, one.kind, one.text, one.object, one.record, one.gathering, count
        )
    return list(last.values())
