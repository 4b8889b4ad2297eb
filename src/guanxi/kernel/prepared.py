"""Questions asked at every request: Django's way from a query to SQL is gone once, not each time.

Building the query and its SQL takes Django longer than the database takes to answer. Here the SQL is kept by shape, and only
the values are put in. What a query says stays written as a query, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import Col

from guanxi.kernel import db

Build = Callable[..., QuerySet[Any]]
Record = TypeVar("Record", bound=Model)
Known = str | int | datetime | Collection[int]
KEPT = 2000


def rows(build: Build, *values: Known, shape: Hashable = ()) -> list[tuple[Any, ...]]:
    """What ``build(*values)`` gives: a query of ``values_list`` whose columns need no conversion.

    ``build`` is a function of a module. It is called with stand-ins for the values, once for each ``shape``. That comes last
    where it is given, and holds everything else that decides what the SQL says: ``build`` may look at nothing but its
    arguments. Collections of ids must be put into the query by :class:`guanxi.kernel.sql.IdIn`.
    """
    found: list[tuple[Any, ...]] = _asked(build, values, shape)[0]
    return found


def record(build: Callable[..., QuerySet[Record]], *values: Known) -> Record | None:
    """The first record that the query ``build(*values)`` finds, as the query itself gives it, or ``None``."""
    found, prepared = _asked(build, values, ())
    if not found:
        return None
    row = list(found[0])
    for place, (converters, column) in prepared.converters.items():
        for convert in converters:
            row[place] = convert(row[place], column, db.connection())
    made: Record = prepared.model.from_db(db.source(), prepared.columns, row)
    return made


def _asked(build: Build, values: Sequence[Known], shape: Hashable) -> tuple[list[tuple[Any, ...]], Prepared]:
    connection = db.connection()
    kinds = tuple(type(value) if isinstance(value, str | int | datetime) else tuple for value in values)
    prepared = _prepared(build, connection.vendor, kinds, shape)
    sql = prepared.sql
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
        cursor.execute(sql, [held if place is None else told[place] for place, held in prepared.parameters])
        return cursor.fetchall(), prepared


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is left of a query once Django has made SQL of it."""

    sql: str
    parameters: tuple[tuple[int | None, Any], ...]
    """The place of one of the values each, or none and what it is always."""
    model: type[Any]
    columns: tuple[str, ...]
    converters: Mapping[int, Any]


@lru_cache(KEPT)
def _prepared(build: Build, vendor: str, kinds: tuple[type, ...], shape: Hashable) -> Prepared:
    marks = [_mark(kind, place) for place, kind in enumerate(kinds)]
    query = build(*marks, shape) if shape != () else build(*marks)
    compiler = query.query.get_compiler(connection=db.connection())
    sql, parameters = compiler.as_sql()
    stood_for = {_plain(mark): place for place, mark in enumerate(marks)}
    selected = [one[0] for one in compiler.select]
    return Prepared(
        sql,
        tuple((stood_for.get(_plain(parameter)), parameter) for parameter in parameters),
        query.model,
        tuple(one.target.attname for one in selected if isinstance(one, Col)),
        compiler.get_converters(selected),
    )


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
