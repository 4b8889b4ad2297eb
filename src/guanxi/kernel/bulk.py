"""Inserting and updating many rows of one model at once.

Django's ``bulk_create`` prepares every value through several calls and splits at 999 parameters on SQLite; writing an
import spends most of its time there. This does the same for rows of plain values, several times faster: the drivers' own
``executemany`` on SQLite and ``COPY`` on PostgreSQL, with ids taken beforehand.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

import orjson
from django.db import models

from guanxi.kernel import db

ROWS = 1000
FEW = 20
"""Up to so many rows are inserted by one statement that gives back their ids; more with ids taken beforehand."""
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)
"""Fields whose Python value is already what both drivers take."""

Convert = Callable[[Any], Any] | None


def insert(records: Sequence[models.Model]) -> None:
    """Insert new records of one model and give each its id. Values must be plain, not expressions."""
    if not records:
        return
    meta = records[0]._meta
    names = [field.attname for field in meta.concrete_fields if field is not meta.pk]
    held = [record.__dict__ for record in records]
    taken = itemgetter(*names) if len(names) > 1 else lambda values: (values[names[0]],)
    ids = insert_rows(type(records[0]), names, [taken(values) for values in held])
    alias = db.alias()
    for record, values, key in zip(records, held, ids, strict=True):
        values[str(meta.pk.attname)] = key
        record._state.adding = False
        record._state.db = alias


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert rows of plain values of the attributes named; their ids, in order.

    Every column without a default of its own in the database must be among them.
    """
    if not rows:
        return []
    meta = model._meta
    by_name = {field.attname: field for field in meta.concrete_fields}
    fields = [by_name[name] for name in names]
    columns = _columns(fields, rows)
    if len(rows) <= FEW or not db.in_transaction():
        return _returning(meta, fields, list(zip(*columns, strict=True)))
    ids = _ids_of_sequence(meta, len(rows)) if db.is_postgresql() else _ids_of_table(meta, len(rows))
    put = _copy_in if db.is_postgresql() else _execute_many
    put(meta.db_table, [meta.pk, *fields], zip(ids, *columns, strict=True))
    return ids


def update(
    records: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]], stamp: Mapping[str, Any] | None = None
) -> None:
    """Write some columns of many stored records of one model, each with values of its own.

    ``stamp`` gives further columns one and the same value, and raises those whose value is ``...`` by one.

    One ``UPDATE … FROM (VALUES …)`` per thousand rows: Django's ``bulk_update`` writes a ``CASE`` with a branch per row and
    column, which was measured four times slower.
    """
    if not records:
        return
    meta = records[0]._meta
    connection = db.connection()
    quote = connection.ops.quote_name
    columns = [meta.pk, *fields]
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    held = [[record.__dict__[field.attname] for field in columns] for record in records]
    rows = list(zip(*_columns(columns, held), strict=True))
    named = [f"column{number}" for number in range(1, len(columns) + 1)]
    if connection.vendor == "postgresql":
        # The values come as texts of unknown type: each is told what it is.
        named = [f"column{number}::{field.rel_db_type(connection)}" for number, field in enumerate(columns, 1)]
    pairs = [f"{quote(str(field.column))} = v.{name}" for field, name in zip(fields, named[1:], strict=True)]
    same: list[Any] = []
    by_name = {field.attname: field for field in meta.concrete_fields}
    for name, value in (stamp or {}).items():
        field = by_name[name]
        column = quote(str(field.column))
        pairs.append(f"{column} = {table}.{column} + 1" if value is ... else f"{column} = %s")
        same += [] if value is ... else [field.get_db_prep_save(value, connection)]
    mark = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for batch in _batches(rows, len(columns)):
            values = ", ".join([mark] * len(batch))
            cursor.execute(
                # The names come from the models alone, every value is a parameter.
                f"UPDATE {table} SET {', '.join(pairs)} FROM (VALUES {values}) AS v WHERE {table}.{key} = v.{named[0]}",  # noqa: S608
                [*same, *(value for row in batch for value in row)],
            )


def copy(records: Sequence[models.Model], table: str) -> None:
    """Insert records, with the ids they have, into another table of the same columns."""
    if not records:
        return
    fields = records[0]._meta.concrete_fields
    rows = [[record.__dict__[field.attname] for field in fields] for record in records]
    _execute_many(table, fields, zip(*_columns(fields, rows), strict=True))


def _columns(fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The columns of the rows, their values as the drivers take them; most columns need nothing done."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for index, field in enumerate(fields):
        if convert := _converter(field):
            columns[index] = _converted(convert, field, columns[index])
    return columns


def _converted(convert: Callable[[Any], Any], field: models.Field[Any, Any], column: Sequence[Any]) -> list[Any]:
    """A column as the driver takes it; of moments and days, of which most are the same, each one is converted once."""
    if isinstance(field, models.DateField):
        known = {value: convert(value) for value in set(column)}
        return [known[value] for value in column]
    return [convert(value) for value in column]


def _returning(meta: Any, fields: Sequence[models.Field[Any, Any]], rows: Sequence[Sequence[Any]]) -> list[int]:
    quote = db.connection().ops.quote_name
    mark = f"({', '.join(['%s'] * len(fields))})"
    ids: list[int] = []
    with db.cursor() as cursor:
        for batch in _batches(rows, len(fields)):
            marks = ", ".join([mark] * len(batch))
            # The names come from the models alone, every value is a parameter.
            cursor.execute(
                f"INSERT INTO {quote(meta.db_table)} ({_names(fields)}) VALUES {marks} RETURNING {quote(meta.pk.column)}",  # noqa: S608
                [value for row in batch for value in row],
            )
            ids.extend(key for (key,) in cursor.fetchall())
    return ids


def _ids_of_table(meta: Any, count: int) -> list[int]:
    """The next ids of a table on SQLite. Its one writer is this transaction, so nobody else takes them."""
    with db.cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        row = cursor.fetchone()
    last = row[0] if row else 0
    return list(range(last + 1, last + count + 1))


def _ids_of_sequence(meta: Any, count: int) -> list[int]:
    """The next ids of a table on PostgreSQL; nobody else is given them, whatever becomes of this transaction."""
    with db.cursor() as cursor:
        cursor.execute(
            # The name in a question of its own, or it would be looked up for every id, which takes longer than the rest.
            "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def _copy_in(table: str, fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> None:
    connection = db.connection()
    statement = f"COPY {connection.ops.quote_name(table)} ({_names(fields)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as lines:
        for row in rows:
            lines.write_row(row)


def _execute_many(table: str, fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> None:
    marks = ", ".join(["%s"] * len(fields))
    # The names come from the models and from the caller's own code alone, every value is a parameter.
    statement = f"INSERT INTO {db.connection().ops.quote_name(table)} ({_names(fields)}) VALUES ({marks})"  # noqa: S608
    with db.cursor() as cursor:
        cursor.executemany(statement, list(rows))


def _names(fields: Sequence[models.Field[Any, Any]]) -> str:
    quote = db.connection().ops.quote_name
    return ", ".join(quote(str(field.column)) for field in fields)


def _converter(field: models.Field[Any, Any]) -> Convert:
    """What prepares a value for the driver; ``None`` where it goes as it is."""
    if isinstance(field, _PLAIN):
        return None
    if isinstance(field, models.JSONField):
        return _json
    sqlite = not db.is_postgresql()
    if isinstance(field, models.DateTimeField):
        return _moment if sqlite else None
    if isinstance(field, models.DateField):
        return _day if sqlite else None
    connection = db.connection()
    return lambda value: None if value is None else field.get_db_prep_save(value, connection)


def _json(value: Any) -> str | None:
    """JSON without blanks, by a library much faster than Python's own; what it does not take (numbers beyond 64 bits) goes
    that way. SQLite compares JSON as text, so no query may compare such a column as a whole, except with an empty value."""
    if value is None:
        return None
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value)


def _moment(value: datetime | None) -> str | None:
    """As Django stores moments on SQLite: in UTC, without saying so."""
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _batches(rows: Sequence[Sequence[Any]], columns: int) -> Iterator[Sequence[Sequence[Any]]]:
    """Slices small enough for the engine's number of parameters."""
    size = ROWS
    connection = db.connection()
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        size = min(size, connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // columns)
    return (rows[start : start + size] for start in range(0, len(rows), size))
