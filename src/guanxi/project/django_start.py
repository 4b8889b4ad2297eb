"""Starts Django for a command, and turns what can go wrong then into sentences."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import Any

from guanxi.project import config
from guanxi.project.config import Config, ConfigError
from guanxi.project.database_url import describe


def start() -> Config:
    """Set Django up and return the configuration. Raises ConfigError."""
    settings = config.current()
    import django

    django.setup()
    settle_memory()
    return settings


def load_everything() -> None:
    """Bring into memory what all processes need, before they part: pages, API and the dictionaries of Chinese."""
    start()
    import_module("guanxi.project.urls")
    import_module("guanxi.engine.search.words").preload()
    settle_memory()


def settle_memory() -> None:
    """Look less often for circular garbage, and never again in what was there at the start.

    Records are made by the thousand and freed by their reference counts alone; Python's usual thresholds search through all
    that lives while they are made, which was measured to take a fifth of a mass update.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def require_database() -> None:
    """Raise ConfigError with one sentence if the database cannot be reached."""
    from django.db.utils import Error

    from guanxi.kernel import db

    settings = config.current()
    try:
        db.connection().ensure_connection()
    except Error as error:
        reason = " ".join(str(error).split())
        place = describe(settings.database_url, settings.data_dir)
        raise ConfigError(f"The database cannot be reached ({place}): {reason}") from error


def pending_migrations() -> list[str]:
    """The names of the migrations that the database has not had yet."""
    from django.db.migrations.executor import MigrationExecutor

    from guanxi.kernel import db

    executor = MigrationExecutor(db.connection())
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def part(module: str, name: str) -> Any:
    """The object ``name`` of a part of the program that is loaded only when it is asked for."""
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name and not module.startswith(error.name):
            raise
        raise ConfigError(f"This installation does not contain {module}; install Guanxi again.") from error
