"""What one change set did to one record: the unit of undo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Count, F

from guanxi.engine.merging.ledger import MERGED, MERGED_FROM, UNMERGED
from guanxi.engine.write.deletion import DELETED_AT
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import db
from guanxi.kernel.sql import IdIn

Way = Literal["values", "delete", "restore", "nothing", "impossible"]
"""How a change is undone: former values, into the recycle bin, out of it, not at all, or not by undo."""

LIFE = ("created", "deleted", "restored")
BESIDE = (MERGED, UNMERGED)
"""Verbs of entries that say something of a change whose values have entries of their own."""
CHUNK = 2000
Row = tuple[Any, ...]
ROW = ("id", "change_set_id", "object", "record", "actor", "verb", "changes")


@dataclass(slots=True)
class Change:
    """The entries of one change set about one record, added up."""

    change_set: int
    object: str
    record: int
    first: int
    """Id of the first entry."""
    last: int
    actor: int | None
    undoes: int | None
    """The change set that this one took back."""
    verbs: tuple[str, ...]
    changes: dict[str, list[Any]]
    """``{field: [before, after]}`` in JSON form, over all the entries."""
    gone_since: str | None = None
    """Since when the record was in the recycle bin before, if it was."""
    way: Way = "nothing"
    """How the change is undone."""


def of_set(change_set: ChangeSet, only: Collection[tuple[str, int]] | None = None) -> list[Change]:
    """What the change set did, in the order in which it did it; ``only`` names the records looked at."""
    entries = Entry.objects.filter(change_set=change_set).order_by("id")
    if only is not None:
        keys, records = {key for key, _pk in only}, {pk for _key, pk in only}
        entries = entries.filter(object__in=keys, record__in=records)
    found = merged(entries.values_list(*ROW).iterator(chunk_size=CHUNK), {change_set.pk: change_set.undoes_id})
    return [change for change in found if only is None or (change.object, change.record) in only]


def uniform(change_set: ChangeSet) -> str | None:
    """The object, where the change set did nothing but change (or make) records of one object, each of them once: a mass
    update, an import."""
    done = Entry.objects.filter(change_set=change_set).order_by().values_list("object", "verb")
    pairs = list(done.annotate(entries=Count("pk"), records=Count("record", distinct=True))[:2])
    if len(pairs) != 1:
        return None
    key, verb, entries, records = pairs[0]
    return str(key) if verb in ("updated", "created") and entries == records else None


def in_pieces(change_set: ChangeSet) -> Iterator[list[Change]]:
    """What a uniform change set did, the last first; a piece at a time is held in memory, whatever its size."""
    entries = Entry.objects.filter(change_set=change_set).order_by("-id")
    undoes = {change_set.pk: change_set.undoes_id}
    found = list(entries.values_list(*ROW)[:CHUNK])
    while found:
        yield merged(found, undoes)
        found = list(entries.filter(id__lt=found[-1][0]).values_list(*ROW)[:CHUNK])


def later(changes: Sequence[Change]) -> dict[int, list[Change]]:
    """What was done after the given changes (of one object and one change set) to their records and still stands, newest
    first, by record. A change that was undone no longer stands, nor does the undo that took it back."""
    last = {change.record: change.last for change in changes}
    touched = _touched_since(changes[0].object, last)
    if not touched:
        return {}
    entries = Entry.objects.filter(IdIn(F("record"), touched), object=changes[0].object).order_by("id")
    rows = [row for row in entries.values_list(*ROW) if row[0] > last[row[3]]]
    undoes = dict(ChangeSet.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "undoes_id"))
    by_record: dict[int, list[Change]] = {}
    for change in merged(rows, undoes):
        by_record.setdefault(change.record, []).append(change)
    return {record: standing(found) for record, found in by_record.items()}


def _touched_since(key: str, last: Mapping[int, int]) -> list[int]:
    """Which records have entries behind the given ones. Each is looked up in the index of records by itself: asked for all
    at once, SQLite would read the journal from the least id on, or as a whole for a Bloom filter."""
    pairs = ", ".join(f"({record}, {entry})" for record, entry in last.items())
    behind = "SELECT e.id FROM journal_entry e WHERE e.object = %s AND e.record = done.record AND e.id > done.last"
    with db.cursor() as cursor:
        # Numbers and names of our own alone.
        cursor.execute(
            f"WITH done (record, last) AS (VALUES {pairs}) SELECT record, ({behind} LIMIT 1) FROM done",  # noqa: S608
            [key],
        )
        return [record for record, entry in cursor.fetchall() if entry is not None]


def standing(found: Sequence[Change]) -> list[Change]:
    """The changes of one record, oldest first, without those undone and without their undos where both are among them;
    newest first."""
    gone: set[int] = set()
    present = {change.change_set for change in found}
    left = []
    for change in reversed(found):
        if change.change_set in gone:
            continue
        if change.undoes is not None:
            gone.add(change.undoes)
            if change.undoes in present:
                continue
        left.append(change)
    return left


def merged(rows: Iterable[Row], undoes: Mapping[int, int | None]) -> list[Change]:
    """Entries (their columns :data:`ROW`) added up per change set and record, in the order of the first.

    ``undoes`` says which change set that of an entry took back.
    """
    found: dict[tuple[int, str, int], Change] = {}
    for pk, change_set, key, record, actor, verb, changes in rows:
        change = found.get((change_set, key, record))
        if change is None:
            found[change_set, key, record] = Change(
                change_set, key, record, pk, pk, actor, undoes.get(change_set), (verb,), changes
            )
            continue
        change.last = pk
        change.verbs = (*change.verbs, verb)
        for name, (before, after) in changes.items():
            change.changes[name] = [change.changes[name][0] if name in change.changes else before, after]
    for change in found.values():
        if change.verbs == ("updated",):
            change.way = "values" if change.changes else "nothing"
            continue
        change.gone_since = change.changes.pop(DELETED_AT, [None])[0]
        change.changes.pop(MERGED_FROM, None)
        change.changes = {name: pair for name, pair in change.changes.items() if pair[0] != pair[1]}
        change.way = _way(change)
    return list(found.values())


def _way(change: Change) -> Way:
    if any(verb not in (*LIFE, *BESIDE, "updated") for verb in change.verbs):
        return "impossible"
    life = [verb for verb in change.verbs if verb in LIFE]
    if not life:
        return "values" if change.changes else "nothing"
    was_live, is_live = life[0] == "deleted", life[-1] != "deleted"
    if was_live == is_live:
        return "values" if was_live and change.changes else "nothing"
    return "delete" if is_live else "restore"
