"""Inserting many rows of one model at once.

Django's ``bulk_create`` prepares every value through several calls and splits at 999 parameters on SQLite; writing an
import spends most of its time there. This does the same for rows of plain values, several times faster.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import models

from guanxi.kernel import db

ROWS = 1000
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)
"""Fields whose Python value is already what both drivers take."""


def insert(records: Sequence[models.Model]) -> None:
    """Insert new records of one model and give each its id. Values must be plain, not expressions."""
    if not records:
        return
    meta = records[0]._meta
    connection = db.connection()
    columns = [field for field in meta.concrete_fields if field is not meta.pk]
    converters = [(field.attname, _converter(field)) for field in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in columns)
    marks = f"({', '.join(['%s'] * len(columns))})"
    head = f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES "  # noqa: S608  names come from the models alone
    tail = f" RETURNING {quote(str(meta.pk.column))}"
    with connection.cursor() as cursor:
        for batch in _batches(records, len(columns)):
            values: list[Any] = []
            for record in batch:
                held = record.__dict__
                values.extend([convert(held[name]) if convert else held[name] for name, convert in converters])
            cursor.execute(head + ", ".join([marks] * len(batch)) + tail, values)
            for record, (key,) in zip(batch, cursor.fetchall(), strict=True):
                record.pk = key
                record._state.adding = False
                record._state.db = connection.alias


def append(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values whose ids nobody needs to know; the cheapest way in."""
    if not rows:
        return
    connection = db.connection()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in names)  # type: ignore[union-attr]
    marks = f"({', '.join(['%s'] * len(names))})"
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608  names come from the models alone
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS):
            batch = rows[start : start + ROWS]
            cursor.execute(head + ", ".join([marks] * len(batch)), [value for row in batch for value in row])


def update(records: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]) -> None:
    """Write some columns of many stored records of one model, each with values of its own.

    One ``UPDATE … FROM (VALUES …)`` per thousand rows: Django's ``bulk_update`` writes a ``CASE`` with a branch per row and
    column, which was measured four times slower.
    """
    if not records:
        return
    meta = records[0]._meta
    connection = db.connection()
    quote = connection.ops.quote_name
    columns = [meta.pk, *fields]
    converters = [(field.attname, _converter(field)) for field in columns]
    named = [f"column{number}" for number in range(1, len(columns) + 1)]
    if connection.vendor == "postgresql":
        # The values come as texts of unknown type: each is told what it is.
        named = [f"column{number}::{field.rel_db_type(connection)}" for number, field in enumerate(columns, 1)]
    pairs = ", ".join(f"{quote(str(field.column))} = v.{name}" for field, name in zip(fields, named[1:], strict=True))
    mark = f"({', '.join(['%s'] * len(columns))})"
    table, key = quote(meta.db_table), quote(str(meta.pk.column))
    with connection.cursor() as cursor:
        for batch in _batches(records, len(columns)):
            values: list[Any] = []
            for record in batch:
                held = record.__dict__
                values.extend([convert(held[name]) if convert else held[name] for name, convert in converters])
            rows = ", ".join([mark] * len(batch))
            # The names come from the models alone, every value is a parameter.
            cursor.execute(
                f"UPDATE {table} SET {pairs} FROM (VALUES {rows}) AS v WHERE {table}.{key} = v.{named[0]}",  # noqa: S608
                values,
            )


def copy(records: Sequence[models.Model], table: str) -> None:
    """Insert records, with the ids they have, into another table of the same columns."""
    if not records:
        return
    connection = db.connection()
    columns = records[0]._meta.concrete_fields
    converters = [(field.attname, _converter(field)) for field in columns]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    rows = [
        [convert(record.__dict__[name]) if convert else record.__dict__[name] for name, convert in converters]
        for record in records
    ]
    with connection.cursor() as cursor:
        # The names come from the models and from the caller's own code alone.
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What prepares a value for the driver; ``None`` where it goes as it is."""
    if isinstance(field, _PLAIN):
        return None
    connection = db.connection()
    return lambda value: None if value is None else field.get_db_prep_save(value, connection)


def _batches(records: Sequence[models.Model], columns: int) -> Iterator[Sequence[models.Model]]:
    """Slices small enough for the engine's number of parameters."""
    size = ROWS
    connection = db.connection()
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        size = min(size, connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // columns)
    return (records[start : start + size] for start in range(0, len(records), size))
