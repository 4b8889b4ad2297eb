"""Looking through documents one by one, which is quickest for words that are everywhere.

Several parts of the index are looked through in one question: each by itself would travel for longer than it takes.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.engine.search.asked import Asked, Beginnings
from guanxi.kernel import db
from guanxi.kernel.sql import like_pattern

_READ = ("object", "record", "owner", "updated", "title", "title_words")
FEW = 3000
KEPT_SECONDS = 300
"""So long a process goes by what it saw of the index as a whole."""
_more: dict[tuple[str, int], float] = {}
"""When there were more documents than a window shows, by database and window."""

Question = tuple[str, list[Any]]
"""SQL that gives what :class:`Found` holds, and its parameters."""


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


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the index: documents of these objects; of these owners or records only, where they are given."""

    objects: tuple[str, ...]
    owners: Collection[int] | None = None
    records: Collection[int] | None = None

    def sql(self) -> str:
        """As a condition, with every value in it: Django prepares, and the driver binds, each of a hundred for too long."""
        if any(not key.isidentifier() for key in self.objects):
            raise ValueError(f"Not keys of objects: {self.objects}")
        keys = ", ".join(f"'{key}'" for key in self.objects)
        parts = [f"object IN ({keys})" if keys else "1 = 0"]
        for column, ids in (("owner", self.owners), ("record", self.records)):
            if ids is not None:
                parts.append(f"{column} IN ({', '.join(str(int(one)) for one in ids) or 'NULL'})")
        return " AND ".join(parts)


@dataclass(frozen=True, slots=True)
class Part:
    """The first ``window`` documents of a scope in an order, of which at most ``limit`` matches are wanted."""

    scope: Scope
    window: int
    limit: int
    order: str = "updated DESC"
    begin: str = ""
    """What their titles begin with."""

    @classmethod
    def few(cls, objects: Sequence[str], limit: int) -> Part:
        """The documents of objects that have few records."""
        return cls(Scope(tuple(objects)), FEW, limit, "object, record")

    @classmethod
    def beginning(cls, text: str, scope: Scope, limit: int) -> Part:
        """The documents whose title begins with a text, in the order of the titles."""
        # In the order of the index, letter for letter, whatever the language of the database.
        return cls(scope, 2 * limit, limit, "title USING ~<~" if db.is_postgresql() else "title", text)

    def question(self, asked: Asked, titled: Collection[str]) -> Question:
        """What it takes to ask for the matches; ``titled`` are the objects of which only the title may be searched."""
        where, begins = self.scope.sql(), []
        if self.begin and db.is_postgresql():
            where, begins = f"{where} AND title LIKE %s", [like_pattern(self.begin, "starts")]
        elif self.begin:
            where, begins = f"{where} AND title >= %s AND title < %s", [self.begin, self.begin + "\U0010ffff"]
        last = f"{where} ORDER BY {self.order} LIMIT {int(self.window)}"
        return question(last, begins, asked, titled, self.limit)


def whole(window: int) -> bool:
    """Whether there are no more documents than a window shows.

    Where there are more, that is not asked again for minutes: it decides how something is looked for, never what is found.
    """
    known = str(db.connection().settings_dict["NAME"]), window
    if time.monotonic() - _more.get(known, float("-inf")) < KEPT_SECONDS:
        return False
    with db.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM engine_searchdocument LIMIT 1 OFFSET {int(window)}")  # noqa: S608  a number
        if cursor.fetchone() is None:
            return True
    _more[known] = time.monotonic()
    return False


def forget() -> None:
    """Count anew the next time, as after a test, whose documents are rolled back."""
    _more.clear()


def among(asked: Asked, parts: Sequence[Part], titled: Collection[str]) -> list[list[Found]]:
    """The matches of each of some parts; ``titled`` as for :meth:`Part.question`."""
    return answers([part.question(asked, titled) for part in parts])


def question(
    where: str, parameters: Sequence[Any], asked: Asked | None, titled: Collection[str], limit: int
) -> Question:
    """What asks for the first of some rows that fulfil what was asked; all of them do where nothing more is asked.

    The database stops as soon as it has so many.
    """
    held, more = _held(asked, titled) if asked else ("TRUE", [])
    rows = f"SELECT id, {', '.join(_READ)}, words FROM engine_searchdocument WHERE {where}"  # noqa: S608
    # As numbers and texts: making moments of four hundred takes Python milliseconds.
    when = "EXTRACT(EPOCH FROM updated)::float8" if db.is_postgresql() else "CAST(updated AS TEXT)"
    columns = ", ".join(when if name == "updated" else name for name in _READ)
    return f"SELECT {columns} FROM ({rows}) d WHERE {held} LIMIT {int(limit)}", [*parameters, *more]  # noqa: S608


def answers(questions: Sequence[Question], *, by_index: bool = False) -> list[list[Found]]:
    """What each of some questions finds, asked as one.

    ``by_index`` forbids PostgreSQL to walk the table, as it may for words it believes to be everywhere.
    """
    if not questions:
        return []
    each = [f"SELECT {place}, p{place}.* FROM ({sql}) p{place}" for place, (sql, _values) in enumerate(questions)]  # noqa: S608
    every = " UNION ALL ".join(each)
    if by_index:
        # One message is one transaction, and travels once.
        every = f"SET LOCAL enable_seqscan = off; {every}; SET LOCAL enable_seqscan = on"
    found: list[list[Found]] = [[] for _question in questions]
    with db.cursor() as cursor:
        cursor.execute(every, [value for _sql, values in questions for value in values])
        if by_index:
            cursor.nextset()
        for place, *row in cursor.fetchall():
            found[place].append(Found(*row))
    return found


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
