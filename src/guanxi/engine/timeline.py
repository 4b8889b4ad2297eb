"""Timelines: follow-ups and tasks about a record, and what the journal says of it, in one order."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every, named, visible
from guanxi.engine.history import described, names_of, taken_back, why
from guanxi.engine.labels import labels_for
from guanxi.engine.read import missing
from guanxi.engine.rows import fetch
from guanxi.engine.shapes import Row, Stream, StreamItem
from guanxi.journal.models import Entry
from guanxi.kernel.errors import QueryError
from guanxi.schema.declaration import Stream as Declared
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the history is asked for: one field, one person, days of the reader's calendar (both included)."""

    field: str = ""
    person: int | None = None
    start: date | None = None
    end: date | None = None

    def apply(self, entries: QuerySet[Entry], actor: Actor) -> QuerySet[Entry]:
        """The entries that meet it; a field that the reader may not see finds nothing."""
        if self.field:
            entries = entries.filter(changes__has_key=self.field)
        if self.person is not None:
            entries = entries.filter(actor=self.person)
        if self.start is not None:
            entries = entries.filter(at__gte=datetime.combine(self.start, time.min, actor.zone))
        if self.end is not None:
            entries = entries.filter(at__lt=datetime.combine(self.end, time.min, actor.zone) + timedelta(days=1))
        return entries


def history(
    actor: Actor, object_key: str, record_id: int, cursor: str | None = None, size: int = 20, only: Filter | None = None
) -> Stream:
    """What the journal says of a record, newest first; of records in the recycle bin too."""
    kind = snapshot().get(object_key)
    if not every(actor, kind, narrow=True).filter(pk=record_id).exists():
        raise missing(kind)
    asked = only or Filter()
    if asked.field and actor.field_level(kind.key, asked.field) in ("hidden", "masked"):
        return Stream(())
    entries = asked.apply(Entry.objects.filter(object=object_key, record=record_id), actor)
    return _cut(list(_from_journal(actor, kind, entries, _until(actor, cursor), size + 1)), size)


def of(
    actor: Actor, object_key: str, record_id: int, cursor: str | None = None, size: int = 20, only: str = ""
) -> Stream:
    """The timeline of a live record that the actor may see, newest first; else :class:`NotFound`.

    ``only`` names one object (``activity``) or ``history``.
    """
    shown = snapshot().get(object_key)
    if not named(actor, shown, [record_id], live=True):
        raise missing(shown)
    return around(actor, shown, record_id, cursor, size, only)


def around(
    actor: Actor, shown: ObjectType, record_id: int, cursor: str | None = None, size: int = 20, only: str = ""
) -> Stream:
    """As :func:`of`, for a record that the actor has just been shown."""
    before = _until(actor, cursor)
    items: list[StreamItem] = []
    if only != "history":
        for kind, declared in _streams(actor):
            if not only or only == kind.key:
                items.extend(_from_records(actor, kind, declared, shown, record_id, before, size + 1))
    if not only or only == "history":
        entries = Entry.objects.filter(object=shown.key, record=record_id)
        items.extend(_from_journal(actor, shown, entries, before, size + 1))
    return _cut(items, size)


def recent(actor: Actor, size: int = 20) -> Stream:
    """What happened lately to the records the actor owns, done by others or by the actor."""
    items: list[StreamItem] = []
    for kind in snapshot():
        if kind.declaration.timeline and kind.owned and actor.can("read", kind.key):
            mine = visible(actor, kind).filter(owner_id=actor.user_id).order_by("-updated_at").values("pk")[:size]
            ids = [row["pk"] for row in mine]
            entries = Entry.objects.filter(object=kind.key, record__in=ids)
            items.extend(_from_journal(actor, kind, entries, None, size, titled=True))
    return _cut(items, size)


def _streams(actor: Actor) -> list[tuple[ObjectType, Declared]]:
    found = [(kind, kind.declaration.stream) for kind in snapshot() if actor.can("read", kind.key)]
    return [(kind, declared) for kind, declared in found if declared is not None]


def _from_records(
    actor: Actor,
    kind: ObjectType,
    declared: Declared,
    target: ObjectType,
    record_id: int,
    before: datetime | None,
    size: int,
) -> Iterable[StreamItem]:
    pointing = Q(pk__in=())
    pointers = [via for via in declared.via if kind.fields[via].spec.target in ("", target.key)]
    for via in pointers:
        attribute, points = kind.fields[via].attribute, kind.fields[via].kind.family == "reference"
        pointing |= Q(**{attribute: f"{target.key}:{record_id}" if points else record_id})
    moment = kind.fields[declared.moment]
    # Whoever sees the record sees what belongs to it, without being asked about each.
    open_to_all = actor.past is None and set(pointers) <= set(kind.declaration.inherits)
    rows = kind.model._default_manager.filter(deleted_at=None) if open_to_all else visible(actor, kind, narrow=True)
    rows = rows.filter(pointing).annotate(_when=moment.expression())
    if before is not None:
        limit: date = before if moment.kind.family == "datetime" else before.astimezone(actor.zone).date()
        rows = rows.filter(_when__lt=limit)
    rows = rows.order_by(F("_when").desc(nulls_last=True), "-pk")[:size]
    keys = [declared.moment, declared.body, declared.sort, "owner", *declared.via, "status", "due_on"]
    fields = _known(kind, keys, actor)
    found, _marks = fetch(rows, kind, fields, actor)
    people = labels_for(actor, {"user": {row.values["owner"] for row in found if row.values.get("owner")}})
    about = _about(actor, kind, declared, found, (target.key, record_id))
    for row in found:
        yield StreamItem(
            at=_moment(row.values.get(declared.moment), actor),
            object=kind.key,
            record=row.id,
            sort=str(row.values.get(declared.sort) or kind.key),
            title=row.title,
            body=str(row.values.get(declared.body) or ""),
            actor=people.get(("user", row.values.get("owner") or 0), ""),
            row=row,
            about=about.get(row.id, ()),
        )


def _known(kind: ObjectType, keys: Sequence[str], actor: Actor) -> tuple[FieldDefinition, ...]:
    return tuple(
        kind.fields[key]
        for key in dict.fromkeys(keys)
        if key in kind.fields and actor.field_level(kind.key, key) != "hidden"
    )


def _about(
    actor: Actor, kind: ObjectType, declared: Declared, rows: Sequence[Row], looked_at: tuple[str, int]
) -> dict[int, tuple[tuple[str, int, str], ...]]:
    """The other records each row points to, with their titles; three queries at most, whatever the number of rows."""
    pointers: dict[int, list[tuple[str, int]]] = {}
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for via in declared.via:
            value = row.values.get(via)
            if not value:
                continue
            if kind.fields[via].kind.family == "reference":
                key, _colon, pk = str(value).partition(":")
                pair = (key, int(pk))
            else:
                pair = (kind.fields[via].spec.target, value)
            if pair != looked_at and pair not in pointers.setdefault(row.id, []):
                pointers[row.id].append(pair)
                wanted.setdefault(pair[0], set()).add(pair[1])
    titles = labels_for(actor, wanted)
    return {
        row_id: tuple((key, pk, titles[(key, pk)]) for key, pk in pairs if (key, pk) in titles)
        for row_id, pairs in pointers.items()
    }


def _from_journal(
    actor: Actor, kind: ObjectType, entries: Any, before: datetime | None, size: int, *, titled: bool = False
) -> Iterable[StreamItem]:
    if before is not None:
        entries = entries.filter(at__lt=before)
    found = list(entries.order_by("-at", "-id")[:size])
    people = names_of(actor, found)
    titles = labels_for(actor, {kind.key: {entry.record for entry in found}}) if titled else {}
    lines = described(actor, kind, found)
    undone = taken_back(found)
    for entry in found:
        yield StreamItem(
            at=entry.at,
            object=kind.key,
            record=entry.record,
            sort="history",
            title=titles.get((kind.key, entry.record), ""),
            actor=people.get(entry.actor or 0, ""),
            verb=entry.verb,
            changes=lines[entry.pk],
            change_set=entry.change_set_id,
            why=why(entry.cause),
            undone=(entry.change_set_id, entry.record) in undone,
        )


def _cut(items: list[StreamItem], size: int) -> Stream:
    items.sort(key=lambda item: (item.at, item.record), reverse=True)
    if len(items) <= size:
        return Stream(tuple(items))
    last = items[size - 1].at
    text = json.dumps(last.isoformat())
    return Stream(tuple(items[:size]), base64.urlsafe_b64encode(text.encode()).decode())


def _until(actor: Actor, cursor: str | None) -> datetime | None:
    """Items before this are asked for: the place of the cursor, and never what came after the day looked at."""
    before = _decode(cursor)
    if actor.past is None:
        return before
    return min(before, actor.past) if before is not None else actor.past


def _decode(cursor: str | None) -> datetime | None:
    if not cursor:
        return None
    try:
        moment = datetime.fromisoformat(json.loads(base64.urlsafe_b64decode(cursor)))
    except (ValueError, TypeError) as error:
        raise QueryError(_("This page address no longer fits the list. Start again from the first page.")) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(value: Any, actor: Actor) -> datetime:
    """A date counts as the morning of that day, so that tasks and follow-ups share one order."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(9), actor.zone)
    return datetime.fromtimestamp(0, UTC)
