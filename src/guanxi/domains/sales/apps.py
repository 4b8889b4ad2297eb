"""Django application of the sales domain."""

from __future__ import annotations

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """Leads, opportunities and the pipelines they move through."""

    name = "guanxi.domains.sales"
    label = "sales"
