"""The providers that the sign-in page offers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from guanxi.engine.identity import links
from guanxi.web.account import going


@dataclass(frozen=True, slots=True)
class Offer:
    """One button: what it says and where it leads."""

    name: str
    href: str


def offered(request: HttpRequest) -> list[Offer]:
    """One offer per active OpenID Connect provider, each remembering where the person wanted to go."""
    goal = going.goal(request)
    query = "" if goal == settings.LOGIN_REDIRECT_URL else f"?{urlencode({'next': goal})}"
    return [
        Offer(provider.title, reverse("openid_connect_login", kwargs={"provider_id": provider.pk}) + query)
        for provider in links.active("oidc")
    ]
