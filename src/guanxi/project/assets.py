"""Copies the built browser assets to the data directory, hashed and compressed for serving."""

from __future__ import annotations

import hashlib
from pathlib import Path

from guanxi.project.config import Config, ConfigError

STAMP = ".collected"


def collect(config: Config, *, force: bool = False) -> bool:
    """Collect unless the same assets are there already; whether anything was done. Needs Django to be set up."""
    from django.conf import settings
    from django.core.management import call_command

    if not settings.STATICFILES_DIRS:
        raise ConfigError("The browser assets have not been built; run make assets.")
    stamp = config.data_dir / "static" / STAMP
    state = _state(Path(settings.STATICFILES_DIRS[0]))
    if not force and stamp.is_file() and stamp.read_text(encoding="ascii") == state:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state, encoding="ascii")
    return True


def collected(config: Config) -> bool:
    """Whether assets have been collected at all."""
    return (config.data_dir / "static" / STAMP).is_file()


def _state(source: Path) -> str:
    """A digest of names, sizes and times: cheap enough for every start."""
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        status = path.stat()
        digest.update(f"{path.relative_to(source)}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
