"""The program's own settings, with one consumer more, and without collected assets."""

from guanxi.project.settings import *  # noqa: F403
from guanxi.project.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.journal.crash_app.CrashApp"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
