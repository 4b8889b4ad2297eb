"""The index follows the journal: each batch of entries brings its documents to the present state of their records."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from guanxi.engine.search import index
from guanxi.engine.search.document import documents, kinds
from guanxi.engine.search.lately import NAME
from guanxi.journal.models import Entry
from guanxi.kernel import db
from guanxi.schema.definition import ObjectType

LOCK = "search index"


class SearchFeed:
    """A consumer of the journal. What an entry says does not matter, only which record it is about."""

    name = NAME

    def take(self, entries: Sequence[Entry]) -> None:
        """Bring the documents of these records up to date, within the transaction that moves the cursor."""
        records: dict[str, set[int]] = {}
        for entry in entries:
            records.setdefault(entry.object, set()).add(entry.record)
        held = [kind for kind in kinds() if kind.key in records]
        if held:
            db.lock(LOCK)
            for kind in held:
                refresh(kind, records[kind.key])


def refresh(kind: ObjectType, ids: Collection[int]) -> int:
    """Bring the documents of these records to their present state; how many differed."""
    found = list(documents(kind, ids))
    gone = set(ids) - {one.record for one in found}
    return index.put(found) + (index.remove(kind.key, gone) if gone else 0)
