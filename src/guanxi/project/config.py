"""The configuration: read once from the environment and one file, checked, and frozen.

The environment wins over the file ``guanxi.toml`` (its place: ``GUANXI_CONFIG``, else the working directory, else the
data directory). A wrong setting raises ConfigError with one sentence that names the setting and what to do.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from guanxi.project.config_sources import ConfigError, Sources, read_sources, secret_key, writable_directory
from guanxi.project.database_url import DatabaseUrlError, database_settings
from guanxi.project.mail_url import MailServer, mail_server

LANGUAGES = ("zh-hans", "en")
MOST_WORKERS = 4
"""Web processes on a machine with more processors, where nothing is said: each takes memory."""
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - names to recognise, nothing is bound here


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of one installation."""

    database_url: str
    """Empty for SQLite in the data directory."""
    replica_url: str
    """A PostgreSQL that follows the database, for reports and exports; empty for none."""
    data_dir: Path
    secret_key: str
    host: str
    port: int
    live_port: int
    allowed_hosts: tuple[str, ...]
    debug: bool
    language: str
    time_zone: str
    currency: str
    """ISO 4217 code that a new company starts with."""
    redis_url: str
    base_url: str
    """The address at which people reach the pages, without a slash at the end; empty when there is no proxy."""
    workers: int
    """Number of web processes."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks of the proxies whose X-Forwarded-For is believed."""
    import_mb: int = 200
    """The largest file that can be imported, in megabytes."""
    mail: MailServer | None = None
    """Where mails are handed in; none are sent without it."""
    api_rate: int = 3000
    """Requests a minute that each key, or person without one, has at the API; 0 for any number."""
    api_preconditions: str = "optional"
    """Whether changing a record through the API takes its ETag in ``If-Match``: optional or required."""

    @property
    def databases(self) -> dict[str, dict[str, Any]]:
        """Django's DATABASES."""
        found = {"default": database_settings(self.database_url, self.data_dir)}
        if self.replica_url:
            # Tests of one process see the same transaction in both.
            mirror = {"TEST": {"MIRROR": "default"}}
            found["default_replica"] = database_settings(self.replica_url, self.data_dir) | mirror
        return found

    @property
    def address(self) -> str:
        """The address to tell people."""
        host = "localhost" if self.host in (*EVERYWHERE, "127.0.0.1", "::1") else self.host
        return self.base_url or f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether people come over HTTPS."""
        return self.base_url.startswith("https://")


def load(environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Config:
    """Read and check the configuration; makes the data directory and the secret key on first use."""
    sources = read_sources(os.environ if environ is None else environ, cwd or Path.cwd())
    data_dir = writable_directory(sources, "data_dir")
    port = _integer(sources, "port", 8000, low=1, high=65535)
    base_url = _web_address(sources, "base_url")
    host = sources.text("host", "127.0.0.1")
    return Config(
        database_url=_database_url(sources, data_dir),
        replica_url=_replica_url(sources, data_dir),
        data_dir=data_dir,
        secret_key=secret_key(sources, data_dir),
        host=host,
        port=port,
        live_port=_live_port(sources, port),
        allowed_hosts=_allowed_hosts(sources, host, base_url),
        debug=_boolean(sources, "debug", default=False),
        language=_choice(sources, "language", "zh-hans", LANGUAGES),
        time_zone=_time_zone(sources),
        currency=_currency(sources),
        redis_url=_redis_url(sources),
        base_url=base_url,
        workers=_integer(sources, "workers", min(MOST_WORKERS, os.cpu_count() or 1), low=1, high=64),
        trusted_proxies=_networks(sources, "trusted_proxies"),
        import_mb=_integer(sources, "import_mb", 200, low=1, high=100_000),
        mail=mail_server(sources),
        api_rate=_integer(sources, "api_rate", 3000, low=0, high=10_000_000),
        api_preconditions=_choice(sources, "api_preconditions", "optional", ("optional", "required")),
    )


@cache
def current() -> Config:
    """The configuration of this process."""
    return load()


def _integer(sources: Sources, key: str, default: int, *, low: int, high: int) -> int:
    text = sources.text(key, str(default))
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise sources.error(key, f"must be a whole number from {low} to {high}")
    return value


def _live_port(sources: Sources, port: int) -> int:
    if port == 65535 and not sources.text("live_port", ""):
        raise sources.error(
            "port", "leaves no port above it for live updates: choose a lower one or set GUANXI_LIVE_PORT"
        )
    live_port = _integer(sources, "live_port", port + 1, low=1, high=65535)
    if live_port == port:
        raise sources.error("live_port", "must differ from GUANXI_PORT")
    return live_port


def _boolean(sources: Sources, key: str, *, default: bool) -> bool:
    text = sources.text(key, "1" if default else "0").lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise sources.error(key, "must be true or false")


def _choice(sources: Sources, key: str, default: str, choices: tuple[str, ...]) -> str:
    value = sources.text(key, default).lower()
    if value not in choices:
        raise sources.error(key, "must be one of " + ", ".join(choices))
    return value


def _time_zone(sources: Sources) -> str:
    name = sources.text("time_zone", "Asia/Shanghai")
    if name not in available_timezones():
        raise sources.error("time_zone", "is not a known time zone; use a name such as Asia/Shanghai or Europe/Berlin")
    return ZoneInfo(name).key


def _currency(sources: Sources) -> str:
    code = sources.text("currency", "CNY").upper()
    if code not in get_global("all_currencies"):
        raise sources.error("currency", "is not a known currency code; use a code such as CNY, EUR or USD")
    return code


def _replica_url(sources: Sources, data_dir: Path) -> str:
    url = sources.text("replica_url", "")
    if not url:
        return ""
    try:
        engines = {database_settings(one, data_dir)["ENGINE"] for one in (url, sources.text("database_url", ""))}
    except DatabaseUrlError as error:
        raise sources.error("replica_url", str(error), shown=_without_password(url)) from error
    if engines != {"django.db.backends.postgresql"}:
        said = "must be a PostgreSQL that follows the PostgreSQL of DATABASE_URL"
        raise sources.error("replica_url", said, shown=_without_password(url))
    return url


def _database_url(sources: Sources, data_dir: Path) -> str:
    url = sources.text("database_url", "")
    try:
        database_settings(url, data_dir)
    except DatabaseUrlError as error:
        raise sources.error("database_url", str(error), shown=_without_password(url)) from error
    return url


def _without_password(url: str) -> str:
    return re.sub(r"(//[^:/@]*):[^@]*@", r"\1:***@", url)


def _redis_url(sources: Sources) -> str:
    url = sources.text("redis_url", "")
    if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        raise sources.error("redis_url", "must start with redis:// or rediss://", shown=_without_password(url))
    if url and find_spec("django_tasks_rq") is None:
        wanted = "needs parts that are not installed: run pip install guanxi[redis]"
        raise sources.error("redis_url", wanted, shown=_without_password(url))
    return url


def _web_address(sources: Sources, key: str) -> str:
    url = sources.text(key, "").rstrip("/")
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise sources.error(key, "must look like https://crm.example.com, with nothing after the host")
    return url


def _networks(sources: Sources, key: str) -> tuple[str, ...]:
    named = tuple(part.strip() for part in sources.text(key, "").split(",") if part.strip())
    for part in named:
        try:
            ip_network(part, strict=False)
        except ValueError as error:
            raise sources.error(
                key, "must be addresses or networks, such as 10.0.0.0/8, with commas between", shown=part
            ) from error
    return named


def _allowed_hosts(sources: Sources, host: str, base_url: str) -> tuple[str, ...]:
    named = tuple(name.strip() for name in sources.text("allowed_hosts", "").split(",") if name.strip())
    if named:
        return named
    own = {"localhost", "127.0.0.1", "[::1]", socket.gethostname().lower(), urlsplit(base_url).hostname or "localhost"}
    if host not in EVERYWHERE:
        own.add(f"[{host}]" if ":" in host else host)
    return tuple(sorted(own))


__all__ = ["LANGUAGES", "Config", "ConfigError", "current", "load"]
