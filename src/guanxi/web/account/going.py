"""Where to go after signing in, and never anywhere else than to one of our own pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe(request: HttpRequest, wanted: str) -> str:
    """The address if it is a page of ours, as path and query; else empty."""
    wanted = wanted.strip()
    own = {request.get_host()}
    if not wanted or not url_has_allowed_host_and_scheme(wanted, own, require_https=request.is_secure()):
        return ""
    parts = urlsplit(wanted)
    path = parts.path or "/"
    # Only what lies below our own root; a path that starts with two slashes would be read as a host.
    if not path.startswith("/") or path.startswith("//") or "\\" in wanted:
        return ""
    return f"{path}{'?' + parts.query if parts.query else ''}"


def goal(request: HttpRequest) -> str:
    """Where the person wanted to go; the home page when that is not one of ours or another step of signing in."""
    wanted = safe(request, request.POST.get("next") or request.GET.get("next") or "")
    if wanted.startswith(("/signin", "/signout")):
        return str(settings.LOGIN_REDIRECT_URL)
    return wanted or str(settings.LOGIN_REDIRECT_URL)
