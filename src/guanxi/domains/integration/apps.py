"""Django application of the integration domain."""

from __future__ import annotations

from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    """Bringing in data from elsewhere by written plans, and telling others by webhooks."""

    name = "guanxi.domains.integration"
    label = "integration"

    def ready(self) -> None:
        """Follow the journal."""
        from guanxi.domains.integration.webhook_sending import Webhooks
        from guanxi.journal import consumers

        consumers.register(Webhooks())
