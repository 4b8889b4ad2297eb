"""Taking values out of the journal for good, where a person has a right to be forgotten.

Entries are never changed otherwise but by thinning. That it was done is journaled by the caller, without the values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from guanxi.journal.models import ChangeSet, Delivery, Entry

REDACTED: Final[dict[str, Any]] = {"redacted": True}
"""Stands in ``Entry.changes`` where a value was taken out. No kind of field has such a value: it can be neither parsed, nor
undone to, nor shown as of a day."""


def is_redacted(value: Any) -> bool:
    """Whether a journaled value was taken out."""
    return bool(value == REDACTED)


def redact(entries: Sequence[Entry], fields: Collection[str]) -> int:
    """Take the values of these fields out of the entries, and out of what was sent elsewhere about them; how many changed.

    An empty value stays empty: that there was nothing tells nothing about the person.
    """
    changed = []
    for entry in entries:
        changes = {
            key: [None if side is None else dict(REDACTED) for side in sides] if key in fields else sides
            for key, sides in entry.changes.items()
        }
        if changes != entry.changes:
            entry.changes = changes
            changed.append(entry)
    Entry.objects.bulk_update(changed, ["changes"], batch_size=200)
    ids = [entry.pk for entry in changed]
    Delivery.objects.filter(entry__in=ids).update(request="", response="", detail="")
    if "file" in fields:
        # The note of such a change set is the name of the file.
        sets = {entry.change_set_id for entry in changed if entry.verb.startswith("file_")}
        ChangeSet.objects.filter(pk__in=sets).update(note="")
    return len(changed)
