"""Django application of access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Access."""

    name = "guanxi.access"
    label = "access"
