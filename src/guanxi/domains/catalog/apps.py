"""Django application of the catalog domain."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Products and their categories."""

    name = "guanxi.domains.catalog"
    label = "catalog"
