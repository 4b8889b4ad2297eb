"""Who may listen to a live stream, and what there is to hear."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.db.models import Count
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

from guanxi.engine.models import Notification
from guanxi.project.config import Config


def origin_allowed(headers: Mapping[str, str]) -> bool:
    """Whether a page of this origin may read the stream: the page's host must be ours, its port that of the web.

    A request without an origin comes from the same origin, through a proxy, or from no browser at all.
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    config: Config = settings.GUANXI
    if config.base_url:
        return origin == config.base_url
    host, _ = split_domain_port(headers.get("host", ""))
    parts = urlsplit(origin)
    own = validate_host(host, settings.ALLOWED_HOSTS) and split_domain_port(parts.netloc.lower())[0] == host
    return own and parts.scheme == "http" and (parts.port or 80) == config.port


def person_of(cookie: str) -> int | None:
    """The key of the user whose session the cookie header names; None if there is none or it has ended."""
    key = parse_cookie(cookie).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    try:
        user = get_user(request)
        return user.pk if user.is_authenticated else None
    finally:
        close_old_connections()


def unread_counts(people: Collection[int]) -> dict[int, int]:
    """The number of unread notifications of each of ``people``; one query. People without any are left out."""
    try:
        rows = (
            Notification.objects.filter(recipient_id__in=people, read_at__isnull=True)
            .values_list("recipient_id")
            .annotate(Count("pk"))
        )
        return dict(rows)
    finally:
        close_old_connections()
