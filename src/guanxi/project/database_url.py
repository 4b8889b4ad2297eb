"""Reads ``DATABASE_URL`` into the form Django wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA busy_timeout=20000;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA cache_size=-32000;"
    "PRAGMA mmap_size=268435456;"
    "PRAGMA temp_store=MEMORY;"
)


class DatabaseUrlError(ValueError):
    """The address of the database cannot be understood; the message says why, as the end of a sentence."""


def database_settings(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's database dictionary for ``url``; an empty ``url`` means SQLite in ``data_dir``.

    Accepted are ``sqlite:///relative.sqlite3``, ``sqlite:////absolute.sqlite3`` and
    ``postgresql://user:password@host:port/name?option=value``. Raises DatabaseUrlError.
    """
    if not url:
        return _sqlite(data_dir / "guanxi.sqlite3")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DatabaseUrlError(f"is not a readable address ({error})") from error
    if parts.scheme == "sqlite":
        return _sqlite(_sqlite_path(parts))
    if parts.scheme in ("postgresql", "postgres"):
        return _postgresql(parts, port)
    raise DatabaseUrlError("must start with sqlite:/// or postgresql://")


def describe(url: str, data_dir: Path) -> str:
    """The database in words, without its password, for messages."""
    settings = database_settings(url, data_dir)
    if settings["ENGINE"].endswith("sqlite3"):
        return f"SQLite {settings['NAME']}"
    return f"PostgreSQL {settings['NAME']} at {settings['HOST'] or 'the local socket'}:{settings['PORT'] or 5432}"


def _sqlite_path(parts: SplitResult) -> Path:
    path = unquote(parts.path)[1:]
    if parts.netloc or not path:
        raise DatabaseUrlError("must name a file, for example sqlite:///guanxi.sqlite3")
    return Path(path).absolute()


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # A connection belongs to its thread and opening one costs seven pragmas, so it is kept; but not for ever, for only a
        # new one knows what was counted of the tables in the meantime.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_PRAGMAS},
    }


def _postgresql(parts: SplitResult, port: int | None) -> dict[str, Any]:
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise DatabaseUrlError("must end with the name of the database, for example postgresql://localhost/guanxi")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Compiling a statement takes longer than answering a page; ?options= in the address overrides it.
        "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off"} | dict(parse_qsl(parts.query)),
    }
