"""The only door to connections and transactions.

One installation can serve several companies, each with a database of its own. Which one is meant is a context variable,
set per request and per job; everything else asks here and never names a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

REPLICA = "_replica"
"""The end of the alias of a company's replica."""
_company: ContextVar[str] = ContextVar("guanxi_company", default=DEFAULT_DB_ALIAS)
_reading_replica: ContextVar[bool] = ContextVar("guanxi_replica", default=False)


def alias() -> str:
    """The database alias of the company in whose name the current work runs."""
    return _company.get()


def source() -> str:
    """The database alias that is read from: the company's, or its replica inside :func:`replica`."""
    return f"{alias()}{REPLICA}" if _reading_replica.get() else alias()


def has_replica() -> bool:
    """Whether the company has a replica to read reports from."""
    return f"{alias()}{REPLICA}" in connections.settings


@contextmanager
def replica() -> Iterator[None]:
    """Read from the company's replica in this block, which must not write, nor stand in a transaction: nothing of what that
    one wrote would be seen."""
    token = _reading_replica.set(True)
    try:
        yield
    finally:
        _reading_replica.reset(token)


@contextmanager
def company(name: str) -> Iterator[None]:
    """Run the block against the database of the company ``name``."""
    token = _company.set(name)
    try:
        yield
    finally:
        _company.reset(token)


def connection() -> BaseDatabaseWrapper:
    """The connection of the current company, or inside :func:`replica` that of its replica."""
    return connections[source()]


def cursor() -> CursorWrapper:
    """A raw cursor of the current company; use as a context manager."""
    return connection().cursor()


def is_postgresql() -> bool:
    """Whether the current company lives on PostgreSQL."""
    return connection().vendor == "postgresql"


def counts_expressions() -> bool:
    """Whether the database keeps statistics of expressions where it is told to: PostgreSQL from version 14 on."""
    return is_postgresql() and getattr(connection(), "pg_version", 0) >= 140000


def atomic(*, savepoint: bool = True, durable: bool = False) -> AbstractContextManager[Any]:
    """A transaction on the current company's database."""
    return transaction.atomic(using=alias(), savepoint=savepoint, durable=durable)


def in_transaction() -> bool:
    """Whether a transaction is open on the current company's database."""
    return connection().in_atomic_block


def savepoints() -> tuple[str | None, ...]:
    """The savepoints the running transaction stands in, outermost first; names are not used twice."""
    return tuple(connection().savepoint_ids)


def lock(name: str, *, shared: bool = False) -> None:
    """Hold a lock of this name until the transaction ends; many may hold it shared, or one alone.

    SQLite needs none: it has a single writer anyway.
    """
    if is_postgresql():
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with cursor() as current:
            current.execute(f"SELECT {function}(hashtext(%s))", [f"guanxi:{name}"])


def try_lock(name: str) -> bool:
    """Take a lock of this name until the transaction ends, without waiting; false where somebody else holds it.

    SQLite needs none: it has a single writer anyway.
    """
    if not is_postgresql():
        return True
    with cursor() as current:
        current.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"guanxi:{name}"])
        return bool(current.fetchone()[0])


def on_commit(action: Callable[[], object]) -> None:
    """Run ``action`` after the current transaction has been committed; never if it is rolled back."""
    transaction.on_commit(lambda: action(), using=alias())


class _Mark:
    """Waits for the end of a transaction, whatever end that is."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> None:
        """Nothing: it is gone with the transaction."""


def mark(name: str) -> None:
    """Mark the running transaction until it has ended, or until it is taken back to a savepoint before this."""
    transaction.on_commit(_Mark(name), using=alias())


def marked(name: str) -> bool:
    """Whether the running transaction is marked with this name."""
    waiting = connections[alias()].run_on_commit
    return any(isinstance(entry[1], _Mark) and entry[1].name == name for entry in waiting)


def close_all() -> None:
    """Close every connection of this thread."""
    connections.close_all()


class CompanyRouter:
    """Django database router that sends every query to the current company's database."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return source()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return alias()

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool | None:
        # A record read from the replica may point to one of the company's own database, never to another company's.
        names = {one._state.db.removesuffix(REPLICA) for one in (first, second) if one._state.db}
        return True if len(names) == 1 else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db.endswith(REPLICA) else None
