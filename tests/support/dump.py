"""The whole database as data, to prove that nothing changed."""

from __future__ import annotations

from typing import Any

from django.apps import apps

_LEFT_OUT = {"sessions", "contenttypes", "auth", "django_tasks_db", "usersessions"}
_WRITTEN = {"access_auditevent", "access_audithead"}
"""Tables that a refusal is written to."""


def database() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the product."""
    return {
        model._meta.db_table: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.app_label not in _LEFT_OUT and model._meta.db_table not in _WRITTEN
    }
