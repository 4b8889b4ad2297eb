"""Django application of the collaboration domain."""

from __future__ import annotations

from django.apps import AppConfig


class CollaborationConfig(AppConfig):
    """Follow-ups and tasks."""

    name = "guanxi.domains.collaboration"
    label = "collaboration"
