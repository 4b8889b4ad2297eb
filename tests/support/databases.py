"""Databases beside that of the tests, for programs that the tests start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection


@contextmanager
def copied(folder: Path) -> Iterator[str]:
    """A copy of the test's database for the program's processes, as ``DATABASE_URL``; this process looks at it, too."""
    at = connection.settings_dict
    own = at["NAME"]
    if connection.vendor == "sqlite":
        copy = str(folder / "copy.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [copy])
        with looking_at(copy):
            yield f"sqlite:///{copy}"
        return
    copy = f"{own}_copy"
    server = {"host": at["HOST"] or "127.0.0.1", "port": at["PORT"] or 5432, "user": at["USER"]}
    connection.close()
    with psycopg.connect(**server, password=at["PASSWORD"] or None, dbname="postgres", autocommit=True) as admin:
        drop = f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)'
        admin.execute(drop)
        admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{own}"')
        try:
            with looking_at(copy):
                yield f"postgresql://{at['USER']}:{at['PASSWORD']}@{server['host']}:{server['port']}/{copy}"
        finally:
            admin.execute(drop)


@contextmanager
def looking_at(name: str) -> Iterator[None]:
    """Let the connection of this thread go to another database."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
