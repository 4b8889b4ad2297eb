"""The index: an inverted one of the database's own (FTS5, or GIN over tsvector) beside the table of documents.

``recent`` looks through the newest documents one by one, which is quickest for words that are everywhere; ``matching``
asks the inverted index, which is quickest for words that are rare. Neither decides who may see what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.engine.search.asked import Asked, Beginnings
from guanxi.engine.search.tables import SearchDocument
from guanxi.engine.search.words import is_chinese
from guanxi.kernel import bulk, db
from guanxi.kernel.sql import like_pattern

INVERTED = "array_to_tsvector(string_to_array(btrim(words), ' '))"
"""The expression of the index on PostgreSQL: the words are the lexemes, so no dictionary changes them."""
_READ = ("object", "record", "owner", "updated", "title", "title_words")
_KEPT = (*_READ, "words")
ENOUGH = 20_000
"""So many matches are taken out of the inverted index at most."""
FEW = 3000
SAMPLE = 1000
"""So many documents tell which words are everywhere."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate: a document as far as it takes to rank it."""

    object: str
    record: int
    owner: int | None
    updated: Any
    """As the database gives it: good for comparing, not for showing."""
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
    return _read(f"{where} ORDER BY updated DESC LIMIT {int(window)}", parameters, asked, titled, limit)


def of_objects(asked: Asked, objects: Sequence[str], titled: Collection[str], limit: int) -> list[Found]:
    """Matches among the documents of objects that have few records."""
    where, parameters = Scope(tuple(objects)).sql()
    return _read(f"{where} ORDER BY object, record LIMIT {FEW}", parameters, asked, titled, limit)


def beginning(asked: Asked, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    """Documents whose title begins with the text, in the order of the titles."""
    where, parameters = scope.sql()
    if db.is_postgresql():
        # In the order of the index, letter for letter, whatever the language of the database.
        begins, ends, order = "title LIKE %s", [like_pattern(asked.text, "starts")], "title USING ~<~"
    else:
        begins, ends, order = "title >= %s AND title < %s", [asked.text, asked.text + "\U0010ffff"], "title"
    last = f"{where} AND {begins} ORDER BY {order} LIMIT {2 * int(limit)}"
    return _read(last, [*parameters, *ends], asked, titled, limit)


def matching(asked: Asked, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    """Matches from the inverted index, those entered last first; at most ``limit``."""
    return (_from_gin if db.is_postgresql() else _from_fts5)(asked, scope, titled, limit)


def _from_fts5(asked: Asked, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    found: list[Found] = []
    where, parameters = scope.sql()
    sql = "SELECT rowid FROM engine_searchindex WHERE engine_searchindex MATCH %s ORDER BY rowid DESC LIMIT %s"
    with db.cursor() as cursor:
        cursor.execute(sql, [_fts5(asked), ENOUGH])
        while len(found) < limit and (ids := [str(row[0]) for row in cursor.fetchmany(limit)]):
            found.extend(_read(f"id IN ({', '.join(ids)}) AND {where}", parameters, asked, titled, limit))
    return found[:limit]


def _from_gin(asked: Asked, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    where, parameters = scope.sql()
    question = _tsquery(_rare(asked))
    # What the index is asked for in full need not be gathered further than it is wanted.
    most = 5 * limit if question == _expression(asked, "&", "|", _lexeme) else ENOUGH
    # The one expression that the index is over; the question is a parameter.
    inner = f"{INVERTED} @@ %s::tsquery AND {where} LIMIT {int(most)}"
    with db.atomic(), db.cursor() as cursor:
        # Left to itself the planner may walk the table for words it believes to be everywhere.
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = _read(inner, [question, *parameters], asked, titled, limit, "ORDER BY id DESC")
        cursor.execute("SET LOCAL enable_seqscan = on")
    return found


def _rare(asked: Asked) -> Asked:
    """The question without what a sample shows to be everywhere.

    GIN would gather all of that first; the documents that hold the rest are quicker asked for it one by one.
    """
    every = list(dict.fromkeys(one for group in asked.groups for alternative in group for one in alternative))
    if len(every) < 2:
        return asked
    sums = ", ".join(["SUM(CASE WHEN words LIKE %s THEN 1 ELSE 0 END)"] * len(every))
    sample = f"SELECT words FROM engine_searchdocument ORDER BY updated DESC LIMIT {SAMPLE}"  # noqa: S608  a constant
    with db.cursor() as cursor:
        cursor.execute(f"SELECT {sums} FROM ({sample}) d", [f"% {one}%" for one in every])  # noqa: S608  marks alone
        counts = dict(zip(every, (int(count or 0) for count in cursor.fetchone()), strict=True))
    groups = []
    for group in asked.groups:
        alternatives = tuple(_rarest(alternative, counts) for alternative in group)
        groups.append((max(min(counts[one] for one in alternative) for alternative in group), alternatives))
    most = _about(min(count for count, _group in groups))
    return Asked(asked.text, tuple(group for count, group in groups if count <= most))


def _rarest(alternative: Beginnings, counts: Mapping[str, int]) -> Beginnings:
    most = _about(min(counts[one] for one in alternative))
    return tuple(one for one in alternative if counts[one] <= most)


def _about(count: int) -> int:
    """How many count as hardly more."""
    return max(4 * count, SAMPLE // 100)


def _read(
    where: str, parameters: Sequence[Any], asked: Asked, titled: Collection[str], limit: int, order: str = ""
) -> list[Found]:
    """The first of some rows that fulfil what was asked. The database stops as soon as it has so many."""
    held, more = _held(asked, titled)
    rows = f"SELECT id, {', '.join(_READ)}, words FROM engine_searchdocument WHERE {where}"  # noqa: S608
    with db.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(_READ)} FROM ({rows}) d WHERE {held} {order} LIMIT {int(limit)}",  # noqa: S608
            [*parameters, *more],
        )
        found = cursor.fetchall()
    if db.is_postgresql():
        return [Found(*row) for row in found]
    # By its plan SQLite gives moments as they are stored or as such: they could not be compared with each other.
    return [
        Found(key, record, owner, updated and str(updated), *names) for key, record, owner, updated, *names in found
    ]


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
    """Words hold letters and digits alone, nothing that means anything to LIKE."""
    groups: list[str] = []
    parameters: list[str] = []
    for group in asked.groups:
        alternatives = []
        for alternative in group:
            alternatives.append(" AND ".join([f"{column} LIKE %s"] * len(alternative)))
            parameters.extend(f"% {one}%" for one in alternative)
        groups.append("(" + " OR ".join(f"({one})" for one in alternatives) + ")")
    return "(" + " AND ".join(groups) + ")", parameters


def _fts5(asked: Asked) -> str:
    """The question in FTS5's language; words hold letters and digits alone, so quotes cannot break out."""
    return _expression(asked, "AND", "OR", lambda one: f'"{one}" *')


def _tsquery(asked: Asked) -> str:
    """The question as a tsquery.

    A beginning that is everywhere costs GIN a walk over all it stands for, so it is left to the words themselves where the
    question has a longer one.
    """
    groups = []
    for group in asked.groups:
        long = [tuple(one for one in alternative if _long(one)) for alternative in group]
        if all(long):
            groups.append(tuple(long))
    return _expression(Asked(asked.text, tuple(groups) or asked.groups), "&", "|", _lexeme)


def _lexeme(one: str) -> str:
    return f"'{one}':*"


def _long(one: str) -> bool:
    return len(one) > 1 if is_chinese(one) or one.isdigit() else len(one) > 2


def _expression(asked: Asked, both: str, either: str, term: Any) -> str:
    def joined(alternative: Beginnings) -> str:
        return f"({f' {both} '.join(term(one) for one in alternative)})"

    groups = [f"({f' {either} '.join(joined(one) for one in group)})" for group in asked.groups]
    return f" {both} ".join(groups)


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
