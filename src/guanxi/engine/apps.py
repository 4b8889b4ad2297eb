"""Django application of the engine."""

from django.apps import AppConfig


class EngineConfig(AppConfig):
    """The engine."""

    name = "guanxi.engine"
    label = "engine"
