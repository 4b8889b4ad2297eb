"""The journal as a feed for other programs: every change in order, as far as the reader may see it, none ever missed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among, sees_all
from guanxi.engine.masking import masked
from guanxi.journal import horizon
from guanxi.journal.era import current
from guanxi.journal.models import Entry
from guanxi.kernel.errors import GuanxiError, NotFound, QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

MOST = 500
SCANNED = 20_000
"""So many ids are looked through in one call: what is closed to the reader, or of another object, takes no longer."""
LATEST = "latest"
FIRST = "0"


class Gone(GuanxiError):
    """The place in the feed belongs to a time before the database was restored from a backup."""

    status = 410
    code = "gone"


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as the reader may see it."""

    entry: Entry
    changes: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the feed: ``next`` is where to go on, ``more`` says that there is more already."""

    items: Sequence[Seen]
    next: str
    more: bool


def read(actor: Actor, after: str = "", object_key: str = "", limit: int = 100) -> Feed:
    """The changes behind a place, oldest first; from the beginning without one.

    Raises :class:`Gone` when the database was restored from a backup since the place was given.
    """
    if object_key:
        _check_object(actor, object_key)
    era = current()
    end = _end()
    if after == LATEST:
        return Feed((), _place(era, end), more=False)
    start = _start(after, era)
    last = min(end, start + SCANNED)
    rows = Entry.objects.filter(pk__gt=start, pk__lte=last).order_by("pk")
    if object_key:
        rows = rows.filter(object=object_key)
    entries = list(rows[:limit])
    reached = entries[-1].pk if len(entries) == limit else max(start, last)
    return Feed(_visible(actor, entries), _place(era, reached), more=reached < end)


def _check_object(actor: Actor, object_key: str) -> None:
    kind = snapshot().objects.get(object_key)
    if kind is None or not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": object_key[:63]})


def _end() -> int:
    """The id up to which nothing can appear any more, asked before anything is read."""
    settled = horizon.settled()
    return horizon.newest() if settled is None else settled


def _start(after: str, era: int) -> int:
    if after in ("", FIRST):
        return 0
    given, dash, number = after.partition("-")
    parts = (given, number)
    if not dash or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise QueryError(_("“after” is the “next” of another page, or “latest”."))
    if int(given) != era:
        raise Gone(_("The database was restored from a backup since. Read all records once, then go on from “latest”."))
    return int(number)


def _place(era: int, entry: int) -> str:
    return f"{era}-{entry}"


def _visible(actor: Actor, entries: Iterable[Entry]) -> list[Seen]:
    """The entries of records that the actor may see now, also of those in the recycle bin; without closed fields."""
    found = list(entries)
    seen: dict[str, set[int]] = {}
    whole: set[str] = set()
    for key in {entry.object for entry in found}:
        kind = snapshot().objects.get(key)
        if kind is None or not actor.can("read", key):
            continue
        ids = {entry.record for entry in found if entry.object == key}
        seen[key] = set(among(actor, kind, ids).values_list("pk", flat=True))
        if sees_all(actor, kind, "read"):
            whole.add(key)
    told = []
    for entry in found:
        if entry.record in seen.get(entry.object, ()):
            told.append(Seen(entry, changes_of(actor, snapshot().get(entry.object), entry)))
        elif entry.object in whole:
            # Removed for good: that it was there and went is told to whoever sees all of the object, never what it held.
            told.append(Seen(entry, {}))
    return told


def changes_of(actor: Actor, kind: ObjectType, entry: Entry) -> dict[str, dict[str, Any]]:
    """Before and after of the fields open to the actor, in the form of the API; masked ones as they are shown."""
    found = {}
    for key, sides in entry.changes.items():
        field = kind.fields.get(key)
        level = actor.field_level(kind.key, key)
        if field is None or level == "hidden" or not isinstance(sides, list) or len(sides) != 2:
            continue
        before, after = (_masked(field, value) if level == "masked" else value for value in sides)
        found[key] = {"before": before, "after": after}
    return found


def _masked(field: FieldDefinition, value: Any) -> Any:
    try:
        return masked(field, field.kind.parse(value, field.spec)) if value is not None else None
    except ValueError:
        return masked(field, value)
