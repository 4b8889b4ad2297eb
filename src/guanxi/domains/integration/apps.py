"""Django application of the integration domain."""

from __future__ import annotations

from django.apps import AppConfig


class IntegrationConfig(AppConfig):
    """Bringing in data from elsewhere by written plans."""

    name = "guanxi.domains.integration"
    label = "integration"
