"""Where the browser finds the stream of live updates."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port


def live_url(request: HttpRequest) -> str:
    """The address of the stream, empty when none is configured. ``{host}`` stands for the host the person came to."""
    template = str(getattr(settings, "GUANXI_LIVE_URL", "") or "")
    host, _port = split_domain_port(request.get_host())
    return template.replace("{host}", host)


def live_origin(request: HttpRequest) -> str:
    """The origin of the stream for the content security policy; empty when it is our own or not configured."""
    template = str(getattr(settings, "GUANXI_LIVE_URL", "") or "")
    if "://" not in template:
        return ""
    parts = urlsplit(live_url(request))
    return f"{parts.scheme}://{parts.netloc}"
