"""Django application of the web layer."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, fragments and the API."""

    name = "guanxi.web"
    label = "web"
