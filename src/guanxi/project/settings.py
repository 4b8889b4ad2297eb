"""Django's settings, made from the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import guanxi
from guanxi.project import config
from guanxi.project.settings_auth import *  # noqa: F403
from guanxi.project.settings_auth import AUTH_APPS

GUANXI = config.current()
GUANXI_CURRENCY: str = GUANXI.currency
# Behind a proxy the stream has the address of the pages; without one it is on a port of its own.
GUANXI_LIVE_URL: str = "/live/" if GUANXI.base_url else f"http://{{host}}:{GUANXI.live_port}/live/"
PACKAGE = Path(guanxi.__file__).parent

SECRET_KEY = GUANXI.secret_key
DEBUG = GUANXI.debug
ALLOWED_HOSTS = list(GUANXI.allowed_hosts)
ROOT_URLCONF = "guanxi.project.urls"
WSGI_APPLICATION = "guanxi.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    *AUTH_APPS,
    "guanxi.schema",
    "guanxi.journal",
    "guanxi.access",
    "guanxi.engine",
    "guanxi.domains.customers",
    "guanxi.domains.catalog",
    "guanxi.domains.collaboration",
    "guanxi.domains.sales",
    "guanxi.domains.integration",
    "guanxi.web",
    "guanxi.project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A fifth of the bytes. Each answer is made longer by chance, so that lengths tell nothing of what is secret in it.
    "django.middleware.gzip.GZipMiddleware",
    "guanxi.web.gate.Origin",
    "guanxi.web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "guanxi.web.gate.Gate",
    "guanxi.web.middleware.CurrentActor",
    "guanxi.web.middleware.PersonSettings",
    "guanxi.web.uploading.UploadLimit",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "guanxi.web.jinja.environment"},
    },
]

# --- data ---------------------------------------------------------------------------------------------------------

DATABASES = GUANXI.databases
DATABASE_ROUTERS = ["guanxi.kernel.db.CompanyRouter"]
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": GUANXI.redis_url}
    if GUANXI.redis_url
    else {
        # In the database: what one web process remembers (a code that was used once) the others must know as well.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "guanxi_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # How often each caller of the API came in this minute. Without Redis in the memory of each web process, because
    # writing a row for every request would cost more than the requests.
    "rates": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": GUANXI.redis_url}
    if GUANXI.redis_url
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "rates",
        # Two windows of every caller; beyond that some would be forgotten, which lets them call more, not less.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
GUANXI_API_RATE: int = GUANXI.api_rate
GUANXI_API_PRECONDITIONS: str = GUANXI.api_preconditions
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if GUANXI.redis_url else "guanxi.web.account.sessions"
TASKS = {
    "default": {
        "BACKEND": "guanxi.project.redis_queue.RedisBackend" if GUANXI.redis_url else "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "jobs"],
    }
}
if GUANXI.redis_url:
    INSTALLED_APPS.append("django_rq")
# A job may take as long as it needs: whether its worker lives, its lease tells.
RQ_QUEUES = {name: {"URL": GUANXI.redis_url, "DEFAULT_TIMEOUT": -1} for name in ("default", "jobs")}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
MEDIA_ROOT = GUANXI.data_dir / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
GUANXI_IMPORT_BYTES: int = GUANXI.import_mb * 1024 * 1024

# --- protection; signing in is in settings_auth -------------------------------------------------------------------

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if GUANXI.secure else None
SECURE_HSTS_SECONDS = 31_536_000 if GUANXI.secure else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- languages ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = GUANXI.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "guanxi_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "project" / "locale"]
TIME_ZONE = GUANXI.time_zone
USE_TZ = True

# --- assets -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = GUANXI.data_dir / "static"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# --- log ----------------------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "guanxi": {"level": "DEBUG" if DEBUG else "INFO"},
        "django": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # One line per job would drown what matters; failures are logged as errors.
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "ERROR"},
        "rq.worker": {"level": "ERROR"},
    },
}

if not STATICFILES_DIRS[0].is_dir():
    # Before `make assets` there is nothing to serve; `guanxi check` says so in words.
    STATICFILES_DIRS = []
