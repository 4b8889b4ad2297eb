"""Django application of the journal."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal."""

    name = "guanxi.journal"
    label = "journal"
