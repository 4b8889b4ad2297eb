"""Django application of the customers domain."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Accounts, contacts, their affiliations, and tags."""

    name = "guanxi.domains.customers"
    label = "customers"
