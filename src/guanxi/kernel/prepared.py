"""Questions asked at every request: Django's way from a query to SQL is gone once, not each time.

Building the query and its SQL takes Django longer than the database takes to answer. Here the SQL is kept by shape, and only
the values are put in. What a query says stays written as a query, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from guanxi.kernel import db

Build = Callable[..., QuerySet[Any]]
Known = str | int | datetime | Collection[int]
KEPT = 2000


def rows(build: Build, *values: Known, shape: Hashable = ()) -> list[tuple[Any, ...]]:
    """What ``build(*values)`` gives: a query of ``values_list`` whose columns need no conversion.

    ``build`` is a function of a module. It is called with stand-ins for the values, once for each ``shape``. That comes last
    where it is given, and holds everything else that decides what the SQL says: ``build`` may look at nothing but its
    arguments. Collections of ids must be put into the query by :class:`guanxi.kernel.sql.IdIn`.
    """
    connection = db.connection()
    kinds = tuple(type(value) if isinstance(value, str | int | datetime) else tuple for value in values)
    sql, parameters = _prepared(build, connection.vendor, kinds, shape)
    told: list[Any] = []
    for place, value in enumerate(values):
        if isinstance(value, str | int):
            told.append(value)
        elif isinstance(value, datetime):
            told.append(connection.ops.adapt_datetimefield_value(value))
        else:
            told.append(None)
            sql = sql.replace(str(_mark(int, place)), ",".join(map(str, map(int, value))) or "NULL")
    with connection.cursor() as cursor:
        cursor.execute(sql, [held if place is None else told[place] for place, held in parameters])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@lru_cache(KEPT)
def _prepared(
    build: Build, vendor: str, kinds: tuple[type, ...], shape: Hashable
) -> tuple[str, tuple[tuple[int | None, Any], ...]]:
    """The SQL, and its parameters: the place of one of the values each, or none and what it is always."""
    marks = [_mark(kind, place) for place, kind in enumerate(kinds)]
    query = build(*marks, shape) if shape != () else build(*marks)
    sql, parameters = query.query.get_compiler(connection=db.connection()).as_sql()
    stood_for = {_plain(mark): place for place, mark in enumerate(marks)}
    return sql, tuple((stood_for.get(_plain(parameter)), parameter) for parameter in parameters)


def _mark(kind: type, place: int) -> Any:
    """A value that no query holds by itself; it differs from place to place, and none is the beginning of another."""
    if kind is str:
        return f"\ue000{place}"
    number = -(2**62) + place
    if kind is datetime:
        return datetime(1900, 1, 1, 0, 0, 0, place + 1, UTC)
    return number if kind is int else (number,)


def _plain(value: Any) -> Any:
    """As it comes back from Django, who stores moments on SQLite as texts in UTC without saying so."""
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value
