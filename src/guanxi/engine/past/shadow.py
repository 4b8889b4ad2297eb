"""The tables as they were: temporary views of one connection that lie over the real ones while a page is made.

Every query of the program then sees the earlier moment without knowing it: lists, boards, counts, filters, sorts, totals,
titles, roll-ups. A view is the real table without the records that changed since, and these as they were. Nothing is
written: a view cannot be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from guanxi.access.actor import READING, Actor
from guanxi.engine.past.rolling import Since, rolled_back, since
from guanxi.journal.models import Past
from guanxi.kernel import bulk, clock, db
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot


def moment_of(text: str, actor: Actor) -> datetime:
    """The moment a text means: the end of a day in the actor's time zone, or a moment in ISO form. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
        if len(text.strip()) <= 10:
            moment = datetime.combine(date.fromisoformat(text.strip()), time.min) + timedelta(days=1, microseconds=-1)
    except ValueError:
        raise Invalid(_("Write the day as year-month-day, such as 2026-03-31.")) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=actor.zone)
    if moment > clock.now():
        raise Invalid(_("That day is not over yet. Choose an earlier one."))
    return moment


@contextmanager
def looking_back(actor: Actor, moment: datetime, asked: Iterable[str]) -> Iterator[Actor]:
    """While it lasts, every query sees the objects ``asked`` for, and what they point to, as they stood at the moment.

    Gives the actor to read with, who has no right but those of reading. Raises :class:`TooMuch` when too much has changed
    since then.
    """
    # Setup is read as it is today: stages and pipelines are what the records of then are shown in.
    kinds = [kind for kind in _around(asked) if kind.declaration.kind in ("standard", "relation")]
    shadows = Shadows(actor, moment)
    try:
        with shadows.standing():
            shadows.cast(kinds)
            held = frozenset(READING) if actor.allowed is None else actor.allowed & frozenset(READING)
            yield replace(actor, past=moment, allowed=held)
            raise _Over
    except _Over:
        pass


class _Over(Exception):
    """Ends the transaction in which PostgreSQL keeps the temporary tables."""


def _around(asked: Iterable[str]) -> list[ObjectType]:
    """The objects and those whose records they show: what they point to, and what their roll-ups count."""
    objects = snapshot().objects
    found = dict.fromkeys(key for key in asked if key in objects)
    for key in list(found):
        kind = objects[key]
        for field in kind.fields.values():
            if field.spec.target in objects and field.spec.target != "user":
                found.setdefault(field.spec.target)
            if field.spec.rollup is not None and field.spec.rollup.source in objects:
                found.setdefault(field.spec.rollup.source)
        found |= dict.fromkeys(one.source for one in kind.related if one.source in objects)
    return [objects[key] for key in found]


class Shadows:
    """The temporary tables and views of one look at the past."""

    def __init__(self, actor: Actor, moment: datetime) -> None:
        self.actor = actor
        self.moment = moment
        self.views: list[str] = []
        self.tables: list[str] = []

    @contextmanager
    def standing(self) -> Iterator[None]:
        """PostgreSQL: one transaction, rolled back at the end. SQLite: no transaction, which would keep writers waiting."""
        if db.is_postgresql():
            with db.atomic():
                yield
            return
        try:
            yield
        finally:
            self._clear()

    def cast(self, kinds: Iterable[ObjectType]) -> None:
        """Lay the views over the tables of the objects."""
        self._table(Past._meta.db_table, "object varchar(63), record bigint, id bigint")
        found = [(kind, known) for kind in kinds if (known := since(kind, self.moment)).values]
        pending = []
        for kind, known in found:
            pending.append((kind, known, list(rolled_back(self.actor, kind, known))))
        self._shadow_links([(kind, known, [(r.pk, links) for r, links in rows]) for kind, known, rows in pending])
        for kind, known, rows in pending:
            self._shadow(kind, known, [record for record, _links in rows])

    def _shadow(self, kind: ObjectType, known: Since, records: list[models.Model]) -> None:
        table = kind.model._meta.db_table
        changed, past = f"changed_{table}", f"past_{table}"
        self._table(changed, "id bigint primary key")
        _fill(changed, ("id",), [(pk,) for pk in known.values])
        self._table(past, like=table)
        bulk.copy(records, past)
        _fill(Past._meta.db_table, ("object", "record"), [(kind.key, record.pk) for record in records])
        columns = ", ".join(_quoted(str(one.column)) for one in kind.model._meta.concrete_fields)
        self._view(table, columns, f"id NOT IN (SELECT id FROM {_quoted(changed)})", past)

    def _shadow_links(
        self, touched: list[tuple[ObjectType, Since, list[tuple[int, dict[str, tuple[int, ...]]]]]]
    ) -> None:
        """The links of the records that changed: none of today's, but those of then."""
        table = Link._meta.db_table
        self._table("changed_links", "object varchar(63), record bigint, primary key (object, record)")
        self._table("past_links", like=table)
        rows = []
        for kind, known, records in touched:
            if not any(field.kind.family == "links" for field in kind.fields.values()):
                continue
            _fill("changed_links", ("object", "record"), [(kind.key, pk) for pk in known.values])
            for pk, links in records:
                for key, targets in links.items():
                    target = kind.fields[key].spec.target
                    rows += [
                        Link(object=kind.key, record=pk, field=key, target_object=target, target=t) for t in targets
                    ]
        for number, row in enumerate(rows, 1):
            row.pk = -number
        bulk.copy(rows, "past_links")
        columns = ", ".join(_quoted(str(one.column)) for one in Link._meta.concrete_fields)
        gone = (
            f"NOT EXISTS (SELECT 1 FROM changed_links g WHERE g.object = {table}.object AND g.record = {table}.record)"
        )
        self._view(table, columns, gone, "past_links")

    def _table(self, name: str, columns: str = "", *, like: str = "") -> None:
        self.tables.append(name)
        with db.cursor() as cursor:
            if like:
                cursor.execute(f"CREATE TEMP TABLE {_quoted(name)} AS SELECT * FROM {_quoted(like)} WHERE 1 = 0")
            else:
                cursor.execute(f"CREATE TEMP TABLE {_quoted(name)} ({columns})")

    def _view(self, table: str, columns: str, unchanged: str, past: str) -> None:
        self.views.append(table)
        real = f"{'public' if db.is_postgresql() else 'main'}.{_quoted(table)}"
        with db.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP VIEW {_quoted(table)} AS SELECT {columns} FROM {real} AS {_quoted(table)} WHERE {unchanged} "
                f"UNION ALL SELECT {columns} FROM {_quoted(past)}"
            )

    def _clear(self) -> None:
        with db.cursor() as cursor:
            for name in reversed(self.views):
                cursor.execute(f"DROP VIEW IF EXISTS temp.{_quoted(name)}")
            for name in reversed(self.tables):
                cursor.execute(f"DROP TABLE IF EXISTS temp.{_quoted(name)}")


def _fill(table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join(["%s"] * len(columns))
    with db.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {_quoted(table)} ({', '.join(columns)}) VALUES ({marks})", rows)


def _quoted(name: str) -> str:
    return db.connection().ops.quote_name(name)
