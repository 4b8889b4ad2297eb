"""What one change set did to one record: the unit of undo."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from guanxi.engine.merging.ledger import MERGED, MERGED_FROM, UNMERGED
from guanxi.engine.write.deletion import DELETED_AT
from guanxi.journal.models import ChangeSet, Entry

Way = Literal["values", "delete", "restore", "nothing", "impossible"]
"""How a change is undone: former values, into the recycle bin, out of it, not at all, or not by undo."""

LIFE = ("created", "deleted", "restored")
BESIDE = (MERGED, UNMERGED)
"""Verbs of entries that say something of a change whose values have entries of their own."""
CHUNK = 2000


@dataclass(slots=True)
class Change:
    """The entries of one change set about one record, added up."""

    change_set: int
    object: str
    record: int
    first: int
    """Id of the first entry."""
    last: int
    at: datetime
    actor: int | None
    undoes: int | None
    """The change set that this one took back."""
    verbs: tuple[str, ...]
    changes: dict[str, list[Any]]
    """``{field: [before, after]}`` in JSON form, over all the entries."""
    gone_since: str | None = None
    """Since when the record was in the recycle bin before, if it was."""

    @property
    def way(self) -> Way:
        """How the change is undone."""
        if any(verb not in (*LIFE, *BESIDE, "updated") for verb in self.verbs):
            return "impossible"
        life = [verb for verb in self.verbs if verb in LIFE]
        if not life:
            return "values" if self.changes else "nothing"
        was_live, is_live = life[0] == "deleted", life[-1] != "deleted"
        if was_live == is_live:
            return "values" if was_live and self.changes else "nothing"
        return "delete" if is_live else "restore"


def of_set(change_set: ChangeSet, only: Collection[tuple[str, int]] | None = None) -> list[Change]:
    """What the change set did, in the order in which it did it; ``only`` names the records looked at."""
    entries = Entry.objects.filter(change_set=change_set).order_by("id")
    if only is not None:
        entries = entries.filter(
            object__in={key for key, _pk in only}, record__in={pk for _key, pk in only}
        )  # fmt: skip
    found = merged(_with_set(entries.iterator(chunk_size=CHUNK), {change_set.pk: change_set.undoes_id}))
    return [change for change in found if only is None or (change.object, change.record) in only]


def later(changes: Sequence[Change]) -> dict[int, list[Change]]:
    """What was done after the given changes (of one object and one change set) to their records and still stands, newest
    first, by record. A change that was undone no longer stands, nor does the undo that took it back."""
    records = {change.record: change.last for change in changes}
    key = changes[0].object
    rows = Entry.objects.filter(object=key, record__in=list(records), id__gt=min(records.values()))
    rows = rows.exclude(change_set=changes[0].change_set).order_by("id")
    entries = [entry for entry in rows if entry.id > records[entry.record]]
    sets = {entry.change_set_id for entry in entries}
    undoes = dict(ChangeSet.objects.filter(pk__in=sets).values_list("pk", "undoes_id")) if sets else {}
    by_record: dict[int, list[Change]] = {}
    for change in merged(_with_set(entries, undoes)):
        by_record.setdefault(change.record, []).append(change)
    return {record: standing(found) for record, found in by_record.items()}


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


def merged(entries: Iterable[tuple[Entry, int | None]]) -> list[Change]:
    """Entries with the change set that theirs took back, added up per change set and record, in the order of the first."""
    found: dict[tuple[int, str, int], Change] = {}
    for entry, undoes in entries:
        key = (entry.change_set_id, entry.object, entry.record)
        change = found.get(key)
        if change is None:
            found[key] = Change(
                *(entry.change_set_id, entry.object, entry.record, entry.id, entry.id, entry.at, entry.actor, undoes),
                verbs=(entry.verb,),
                changes=dict(entry.changes),
            )
            continue
        change.last = entry.id
        change.verbs = (*change.verbs, entry.verb)
        for name, (before, after) in entry.changes.items():
            change.changes[name] = [change.changes[name][0] if name in change.changes else before, after]
    for change in found.values():
        change.gone_since = change.changes.pop(DELETED_AT, [None])[0]
        change.changes.pop(MERGED_FROM, None)
        change.changes = {name: pair for name, pair in change.changes.items() if pair[0] != pair[1]}
    return list(found.values())


def _with_set(entries: Iterable[Entry], undoes: Mapping[int, int | None]) -> Iterator[tuple[Entry, int | None]]:
    return ((entry, undoes.get(entry.change_set_id)) for entry in entries)
