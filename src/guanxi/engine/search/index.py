"""The index: a table of documents, and beside it an inverted index of the database's own (FTS5, or GIN over tsvector).

It is kept here; ``scan`` looks through the documents, ``inverted`` asks for rare words. None of them decides who may see
what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from guanxi.engine.search.tables import SearchDocument
from guanxi.kernel import bulk, db

_KEPT = ("object", "record", "owner", "updated", "title", "title_words", "words")


def put(documents: Iterable[SearchDocument]) -> int:
    """Bring the index to these documents; how many differed from what it held."""
    wanted = {(one.object, one.record): one for one in documents}
    changed = 0
    for key in {key for key, _record in wanted}:
        records = [record for object_key, record in wanted if object_key == key]
        held = {one.record: one for one in SearchDocument.objects.filter(object=key, record__in=records)}
        new = [wanted[(key, record)] for record in records if record not in held]
        stale = [(held[r], wanted[(key, r)]) for r in records if r in held and not same(held[r], wanted[(key, r)])]
        bulk.insert(new)
        _invert([(one.pk, one.words) for one in new])
        rewritten = [(old, one) for old, one in stale if old.words != one.words]
        _forget([(old.pk, old.words) for old, _one in rewritten])
        _invert([(old.pk, one.words) for old, one in rewritten])
        for old, one in stale:
            one.pk = old.pk
        if stale:
            fields = ["owner", "updated", "title", "title_words", "words"]
            SearchDocument.objects.bulk_update([one for _old, one in stale], fields, batch_size=100)
        changed += len(new) + len(stale)
    return changed


def same(one: SearchDocument, other: SearchDocument) -> bool:
    """Whether two documents of a record say the same."""
    return all(getattr(one, name) == getattr(other, name) for name in _KEPT)


def remove(object_key: str, records: Collection[int]) -> int:
    """Take documents out of the index; how many there were."""
    rows = SearchDocument.objects.filter(object=object_key, record__in=records)
    held = list(rows.values_list("pk", "words"))
    _forget(held)
    SearchDocument.objects.filter(pk__in=[pk for pk, _words in held]).delete()
    return len(held)


def _invert(rows: Sequence[tuple[int, str]]) -> None:
    """Enter words into FTS5; PostgreSQL keeps its index by itself."""
    if rows and not db.is_postgresql():
        with db.cursor() as cursor:
            cursor.executemany("INSERT INTO engine_searchindex (rowid, words) VALUES (%s, %s)", rows)


def _forget(rows: Sequence[tuple[int, str]]) -> None:
    """Take words out of FTS5, which must be told what they were."""
    if rows and not db.is_postgresql():
        with db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO engine_searchindex (engine_searchindex, rowid, words) VALUES ('delete', %s, %s)", rows
            )
