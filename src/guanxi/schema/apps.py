"""Django application of the schema; also prepares each new SQLite connection."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from guanxi.kernel.text import fold


def add_functions(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give SQLite the case folding that its own LIKE lacks outside ASCII."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            "gx_fold", 1, lambda text: None if text is None else fold(str(text)), deterministic=True
        )


class SchemaConfig(AppConfig):
    """The schema."""

    name = "guanxi.schema"
    label = "schema"

    def ready(self) -> None:
        connection_created.connect(add_functions, dispatch_uid="guanxi.schema.functions")
