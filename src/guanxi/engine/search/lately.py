"""What was changed a moment ago and is not in the index yet: a person finds what was just typed in.

The index follows the journal a second behind, so that no import or mass update waits for it. Until then the search key
decides, which the write door keeps in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.search import scan, words
from guanxi.engine.search.asked import Asked
from guanxi.engine.search.document import naming
from guanxi.engine.search.scan import Found
from guanxi.journal import cursors
from guanxi.schema.definition import ObjectType

NAME = "search"
NEWEST = 200
"""So many of the last entries are looked at."""


def changed(actor: Actor, asked: Asked, kinds: Sequence[ObjectType], titled: Sequence[str]) -> list[Found]:
    """Matching records that the actor may see and that the index has not taken up."""
    records: dict[str, set[int]] = {}
    for object_key, record_id in cursors.latest_behind(NAME, NEWEST):
        records.setdefault(object_key, set()).add(record_id)
    found = []
    for kind in kinds:
        if kind.key not in records:
            continue
        for record in among(actor, kind, records[kind.key]).filter(deleted_at=None):
            titles = [str(value) for field in naming(kind) if (value := field.read(record))]
            key = words.plain(" ".join(titles) if kind.key in titled else record.search_key)
            if asked.within(key):
                found.append(_found(kind, record, titles))
    return found


def _found(kind: ObjectType, record: Any, titles: list[str]) -> Found:
    named = [words.plain(title) for title in titles]
    heads = [name.replace(" ", "") for name in named]
    return Found(
        object=kind.key,
        record=record.pk,
        owner=getattr(record, "owner_id", None),
        updated=scan.moment(record.updated_at),
        title=named[0] if named else "",
        title_words=words.joined([*heads, "|", *(run for name in named for run in words.runs(name))]),
    )
