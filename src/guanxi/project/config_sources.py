"""Where settings come from: the environment, ``guanxi.toml``, and the data directory."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VARIABLES: Mapping[str, str] = {
    "database_url": "DATABASE_URL",
    "replica_url": "GUANXI_REPLICA_URL",
    "data_dir": "GUANXI_DATA_DIR",
    "secret_key": "GUANXI_SECRET_KEY",
    "host": "GUANXI_HOST",
    "port": "GUANXI_PORT",
    "live_port": "GUANXI_LIVE_PORT",
    "allowed_hosts": "GUANXI_ALLOWED_HOSTS",
    "debug": "GUANXI_DEBUG",
    "language": "GUANXI_LANGUAGE",
    "time_zone": "GUANXI_TIME_ZONE",
    "currency": "GUANXI_CURRENCY",
    "redis_url": "REDIS_URL",
    "base_url": "GUANXI_BASE_URL",
    "workers": "GUANXI_WORKERS",
    "trusted_proxies": "GUANXI_TRUSTED_PROXIES",
    "api_rate": "GUANXI_API_RATE",
    "api_preconditions": "GUANXI_API_PRECONDITIONS",
    "import_mb": "GUANXI_IMPORT_MB",
    "mail_url": "GUANXI_MAIL_URL",
    "mail_from": "GUANXI_MAIL_FROM",
}
"""Key in the file to name in the environment."""


class ConfigError(Exception):
    """A setting is wrong. The message is one sentence for the person who set it."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The settings as they were written, before any of them is understood."""

    environ: Mapping[str, str]
    file: Mapping[str, str]
    file_path: Path | None
    cwd: Path

    def text(self, key: str, default: str) -> str:
        """The value as written, without surrounding blanks; ``default`` where it is absent or empty."""
        return (self.environ.get(VARIABLES[key]) or "").strip() or self.file.get(key, "").strip() or default

    def error(self, key: str, reason: str, *, shown: str | None = None) -> ConfigError:
        """One sentence: the setting under the name the person used, its value, and ``reason``."""
        value = self.text(key, "") if shown is None else shown
        if (self.environ.get(VARIABLES[key]) or "").strip() or self.file_path is None or key not in self.file:
            name = VARIABLES[key]
        else:
            name = f"{key} in {self.file_path}"
        return ConfigError(f"{name} is {value!r}, but it {reason}.")


def read_sources(environ: Mapping[str, str], cwd: Path) -> Sources:
    """Find and read the file; unknown keys in it are an error, since they are most often spelling mistakes."""
    path = _find_file(environ, cwd)
    if path is None:
        return Sources(environ, {}, None, cwd)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a readable TOML file: {error}.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    return Sources(environ, {key: _as_text(path, key, value) for key, value in content.items()}, path, cwd)


def _find_file(environ: Mapping[str, str], cwd: Path) -> Path | None:
    named = (environ.get("GUANXI_CONFIG") or "").strip()
    if named:
        path = cwd / named
        if not path.is_file():
            raise ConfigError(f"GUANXI_CONFIG is {named!r}, but there is no such file.")
        return path
    data_dir = cwd / ((environ.get("GUANXI_DATA_DIR") or "").strip() or "var")
    return next((path for path in (cwd / "guanxi.toml", data_dir / "guanxi.toml") if path.is_file()), None)


def _as_text(path: Path, key: str, value: object) -> str:
    if key not in VARIABLES:
        raise ConfigError(f"{path} has the unknown setting {key!r}; known are {', '.join(sorted(VARIABLES))}.")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    if isinstance(value, str | int):
        return str(value)
    raise ConfigError(f"{path} sets {key} to {value!r}, but it must be a text, a number, or true or false.")


def writable_directory(sources: Sources, key: str) -> Path:
    """The data directory as an absolute path; it is made if absent, readable by its owner alone."""
    path = (sources.cwd / Path(sources.text(key, "var")).expanduser()).absolute()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise sources.error(key, f"cannot be made as a directory ({error.strerror})", shown=str(path)) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise sources.error(key, "cannot be written to; choose another directory or change its owner", shown=str(path))
    return path


def secret_key(sources: Sources, data_dir: Path) -> str:
    """The key that signs sessions: as set, else the one kept in the data directory, else a new one."""
    if key := sources.text("secret_key", ""):
        if len(key) < 32:
            raise sources.error("secret_key", "must have at least 32 characters", shown="***")
        return key
    path = data_dir / "secret-key"
    if not path.exists():
        _keep_key(path, secrets.token_urlsafe(48))
    return _kept_key(path)


def _keep_key(path: Path, key: str) -> None:
    """Write the key for its owner alone; of two processes starting at once the first one's key stays."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(key, encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise ConfigError(f"The secret key cannot be kept in {path}: {error.strerror}.") from error


def _kept_key(path: Path) -> str:
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secret key in {path} cannot be read: {error}.") from error
    if len(key) < 32:
        raise ConfigError(f"The secret key in {path} is too short; delete the file and a new one is made.")
    return key
