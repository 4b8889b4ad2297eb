"""The index: a table of documents, and beside it an inverted index of the database's own (FTS5, or GIN over tsvector).

Documents are looked through one by one here, which is quickest for words that are everywhere; ``inverted`` asks for rare
ones. Neither decides who may see what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.engine.search.asked import Asked, Beginnings
from guanxi.engine.search.tables import SearchDocument
from guanxi.kernel import bulk, db
from guanxi.kernel.sql import like_pattern

_READ = ("object", "record", "owner", "updated", "title", "title_words")
_KEPT = (*_READ, "words")
FEW = 3000


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate: a document as far as it takes to rank it."""

    object: str
    record: int
    owner: int | None
    updated: Any
    """As :func:`moment` gives it, or nothing: good for comparing, not for showing."""
    title: str
    title_words: str

    @property
    def key(self) -> tuple[str, int]:
        """Which record it is."""
        return self.object, self.record


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


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the index: documents of these objects; of these owners or records only, where they are given."""

    objects: tuple[str, ...]
    owners: Collection[int] | None = None
    records: Collection[int] | None = None

    def sql(self) -> tuple[str, list[Any]]:
        """As a condition. Written out here, because Django prepares each of a dozen small questions for a millisecond."""
        parts = [f"object IN ({', '.join(['%s'] * len(self.objects))})" if self.objects else "1 = 0"]
        for column, ids in (("owner", self.owners), ("record", self.records)):
            if ids is not None:
                parts.append(f"{column} IN ({', '.join(str(int(one)) for one in ids) or 'NULL'})")
        return " AND ".join(parts), list(self.objects)


def whole(window: int) -> bool:
    """Whether there are no more documents than a window shows."""
    with db.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM engine_searchdocument LIMIT 1 OFFSET {int(window)}")  # noqa: S608  a number
        return cursor.fetchone() is None


def recent(asked: Asked, scope: Scope, titled: Collection[str], window: int, limit: int) -> list[Found]:
    """The first ``limit`` matches among the newest ``window`` documents of a scope.

    ``titled`` are the objects of which only the title may be searched.
    """
    where, parameters = scope.sql()
    return read(f"{where} ORDER BY updated DESC LIMIT {int(window)}", parameters, asked, titled, limit)


def of_objects(asked: Asked, objects: Sequence[str], titled: Collection[str], limit: int) -> list[Found]:
    """Matches among the documents of objects that have few records."""
    where, parameters = Scope(tuple(objects)).sql()
    return read(f"{where} ORDER BY object, record LIMIT {FEW}", parameters, asked, titled, limit)


def beginning(asked: Asked, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    """Documents whose title begins with the text, in the order of the titles."""
    where, parameters = scope.sql()
    if db.is_postgresql():
        # In the order of the index, letter for letter, whatever the language of the database.
        begins, ends, order = "title LIKE %s", [like_pattern(asked.text, "starts")], "title USING ~<~"
    else:
        begins, ends, order = "title >= %s AND title < %s", [asked.text, asked.text + "\U0010ffff"], "title"
    last = f"{where} AND {begins} ORDER BY {order} LIMIT {2 * int(limit)}"
    return read(last, [*parameters, *ends], asked, titled, limit)


def read(
    where: str, parameters: Sequence[Any], asked: Asked | None, titled: Collection[str], limit: int, order: str = ""
) -> list[Found]:
    """The first of some rows that fulfil what was asked; all of them do where nothing more is asked.

    The database stops as soon as it has so many.
    """
    held, more = _held(asked, titled) if asked else ("TRUE", [])
    rows = f"SELECT id, {', '.join(_READ)}, words FROM engine_searchdocument WHERE {where}"  # noqa: S608
    # As numbers and texts: making moments of four hundred takes Python milliseconds.
    when = "EXTRACT(EPOCH FROM updated)::float8" if db.is_postgresql() else "CAST(updated AS TEXT)"
    columns = ", ".join(when if name == "updated" else name for name in _READ)
    sql = f"SELECT {columns} FROM ({rows}) d WHERE {held} {order} LIMIT {int(limit)}"  # noqa: S608
    with db.cursor() as cursor:
        cursor.execute(sql, [*parameters, *more])
        return [Found(*row) for row in cursor.fetchall()]


def moment(when: datetime) -> float | str:
    """A moment in the form in which the index gives it."""
    if db.is_postgresql():
        return when.timestamp()
    return str(db.connection().ops.adapt_datetimefield_value(when))


def _held(asked: Asked, titled: Collection[str]) -> tuple[str, list[str]]:
    """The condition that documents fulfil what was asked, in the words that may be searched."""
    every, parameters = _in_words("d.words", asked)
    if not titled:
        return every, parameters
    named, _same = _in_words("d.title_words", asked)
    marks = ", ".join(["%s"] * len(titled))
    sql = f"(CASE WHEN d.object IN ({marks}) THEN {named} ELSE {every} END)"
    return sql, [*titled, *parameters, *parameters]


def _in_words(column: str, asked: Asked) -> tuple[str, list[str]]:
    """Words hold letters and digits alone, nothing that means anything to LIKE.

    PostgreSQL looks for a text by STRPOS in half the time of LIKE; SQLite the other way round.
    """
    holds, pattern = (f"STRPOS({column}, %s) > 0", " {}") if db.is_postgresql() else (f"{column} LIKE %s", "% {}%")
    groups: list[str] = []
    parameters: list[str] = []
    for group in asked.groups:
        if (shared := _shared(group)) is not None:
            groups.append(holds)
            parameters.append(pattern.format(shared))
        alternatives = []
        for alternative in group:
            alternatives.append(" AND ".join([holds] * len(alternative)))
            parameters.extend(pattern.format(one) for one in alternative)
        groups.append("(" + " OR ".join(f"({one})" for one in alternatives) + ")")
    return "(" + " AND ".join(groups) + ")", parameters


def _shared(group: Sequence[Beginnings]) -> str | None:
    """What every one of several alternatives asks for: documents without it need not be compared with each of them."""
    if len(group) < 2:
        return None
    every = (one for alternative in group for one in alternative)
    return next((one for one in every if all(any(other.startswith(one) for other in each) for each in group)), None)


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
