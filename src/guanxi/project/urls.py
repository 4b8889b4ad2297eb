"""The root of all addresses."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("guanxi.web.urls"))]
