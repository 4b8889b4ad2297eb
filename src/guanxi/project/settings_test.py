"""Settings of the tests: the same program on a database and a data directory of its own, gone afterwards.

``DATABASE_URL`` chooses the engine; without it the tests run on an SQLite file.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_data_dir = Path(tempfile.mkdtemp(prefix="guanxi-test-"))
_owner = os.getpid()


def _remove() -> None:
    # Forked children inherit the hook; only the process that made the directory takes it away.
    if os.getpid() == _owner:
        shutil.rmtree(_data_dir, ignore_errors=True)


atexit.register(_remove)
(_data_dir / "guanxi.toml").touch()
os.environ["GUANXI_DATA_DIR"] = str(_data_dir)
os.environ["GUANXI_CONFIG"] = str(_data_dir / "guanxi.toml")
os.environ["GUANXI_ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"

from guanxi.project.settings import *  # noqa: E402, F403
from guanxi.project.settings import DATABASES, STORAGES  # noqa: E402

DEBUG = False
GUANXI_LIVE_URL = ""  # no live process runs beside the tests; those that need one start it
GUANXI_API_RATE = 0  # tests ask faster than any program; those of the limit set one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the browser tests reach the database from several threads.
    DATABASES["default"]["TEST"] = {"NAME": str(_data_dir / "test.sqlite3")}
