"""Asking the inverted index: FTS5 on SQLite, GIN over tsvector on PostgreSQL.

A beginning stands for every word that begins with it, and GIN gathers all of those first; a whole word is one list, and
two lists are walked through side by side. So whole words are quick to ask for, however common they are.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from guanxi.engine.search.asked import Asked, Beginnings
from guanxi.engine.search.scan import KEPT_SECONDS, Found, Scope, answers, question
from guanxi.engine.search.words import PAIR, is_chinese
from guanxi.kernel import db

INVERTED = "array_to_tsvector(string_to_array(btrim(words), ' '))"
"""The expression of the index on PostgreSQL: the words are the lexemes, so no dictionary changes them."""
ENOUGH = 20_000
"""So many matches are taken out of the inverted index at most."""
SAMPLE = 500
"""So many documents tell which words are everywhere: that decides how the index is asked, never what is found."""


@dataclass(frozen=True, slots=True)
class Language:
    """How an index is asked. Words hold letters and digits alone, so quotes cannot break out."""

    both: str
    either: str
    word: str
    beginning: str

    def question(self, asked: Asked, *, whole: bool = False) -> str:
        """The question; two Chinese characters are a word of the index wherever they are a beginning.

        ``whole`` asks for whole words: for one that was typed alone, or those of several that were typed apart. What may be
        meant as one (``hua wei``) stays a beginning, or 华为技术 would be lost among names that end with 华 and 为.
        """
        groups = []
        for group in asked.groups:
            alternatives = []
            for alternative in group:
                words = whole and (len(alternative) > 1 or not asked.several)
                terms = [(self.word if words or _is_pair(one) else self.beginning).format(one) for one in alternative]
                alternatives.append(f"({f' {self.both} '.join(terms)})")
            groups.append(f"({f' {self.either} '.join(alternatives)})")
        return f" {self.both} ".join(groups)


FTS5 = Language("AND", "OR", '"{}"', '"{}" *')
GIN = Language("&", "|", "'{}'", "'{}':*")

_sample: dict[str, tuple[float, str]] = {}
"""When it was taken and the words, by database."""


def matching(
    asked: Asked, narrow: Asked, scope: Scope, titled: Collection[str], shares: Sequence[tuple[int, bool]]
) -> list[list[Found]]:
    """Matches from the inverted index, those that come to hand first.

    The index is asked what :func:`narrowed` left of the question, its documents the whole of it. Each share is how many are
    wanted at most, and whether of documents alone that hold what was typed as whole words (:meth:`Language.question`).
    """
    if not db.is_postgresql():
        return [_from_fts5(asked, FTS5.question(narrow, whole=whole), scope, titled, most) for most, whole in shares]
    # What the index is asked for in full need not be gathered further than it is wanted, nor compared once more.
    rest = None if narrow.groups == asked.groups and not titled else asked
    # The one expression that the index is over; the question is a parameter.
    where = f"{INVERTED} @@ %s::tsquery AND {scope.sql()}"
    questions = []
    for most, whole in shares:
        inner = f"{where} LIMIT {ENOUGH if rest else int(most)}"
        questions.append(question(inner, [GIN.question(narrow, whole=whole)], rest, titled, most))
    return answers(questions, by_index=True)


def narrowed(asked: Asked) -> Asked:
    """The question without what would have the index gather very much."""
    rare = _uncommon(asked)
    return _long_ones(rare) if db.is_postgresql() else rare


def holds_whole(asked: Asked) -> bool:
    """Whether whole words are all that the question asks for."""
    return GIN.question(asked, whole=True) == GIN.question(asked)


def forget() -> None:
    """Take a new sample the next time one is wanted, as after a test, whose documents are rolled back."""
    _sample.clear()


def _is_pair(one: str) -> bool:
    return len(one) == PAIR and is_chinese(one)


def _from_fts5(asked: Asked, words: str, scope: Scope, titled: Collection[str], limit: int) -> list[Found]:
    found: list[Found] = []
    sql = "SELECT rowid FROM engine_searchindex WHERE engine_searchindex MATCH %s ORDER BY rowid DESC LIMIT %s"
    with db.cursor() as cursor:
        cursor.execute(sql, [words, ENOUGH])
        while len(found) < limit and (ids := [str(row[0]) for row in cursor.fetchmany(limit)]):
            found += answers([question(f"id IN ({', '.join(ids)}) AND {scope.sql()}", (), asked, titled, limit)])[0]
    return found[:limit]


def _uncommon(asked: Asked) -> Asked:
    """The question without what a sample shows to be everywhere.

    The index would gather all of that first; the documents that hold the rest are quicker asked for it one by one.
    """
    every = asked.beginnings
    if len(every) < 2:
        return asked
    sample = _newest()
    counts = {one: sample.count(f" {one}") for one in every}
    groups = []
    for group in asked.groups:
        alternatives = tuple(_rarest(alternative, counts) for alternative in group)
        groups.append((max(min(counts[one] for one in alternative) for alternative in group), alternatives))
    most = _about(min(count for count, _group in groups))
    return Asked(asked.text, tuple(group for count, group in groups if count <= most))


def _newest() -> str:
    """The words of the newest documents, as they were lately."""
    name = str(db.connection().settings_dict["NAME"])
    taken, words = _sample.get(name, (0.0, ""))
    if not words or time.monotonic() - taken > KEPT_SECONDS:
        with db.cursor() as cursor:
            cursor.execute(f"SELECT words FROM engine_searchdocument ORDER BY updated DESC LIMIT {SAMPLE}")  # noqa: S608  a number
            words = "".join(str(row[0]) for row in cursor.fetchall())
        _sample[name] = (time.monotonic(), words)
    return words


def _rarest(alternative: Beginnings, counts: Mapping[str, int]) -> Beginnings:
    most = _about(min(counts[one] for one in alternative))
    return tuple(one for one in alternative if counts[one] <= most)


def _about(count: int) -> int:
    """How many count as hardly more."""
    return max(4 * count, SAMPLE // 100)


def _long_ones(asked: Asked) -> Asked:
    """The question without short beginnings, which stand for very much, where it has longer ones."""
    groups = []
    for group in asked.groups:
        long = [tuple(one for one in alternative if _long(one)) for alternative in group]
        if all(long):
            groups.append(tuple(long))
    return Asked(asked.text, tuple(groups) or asked.groups)


def _long(one: str) -> bool:
    return len(one) > 1 if is_chinese(one) or one.isdigit() else len(one) > 2
