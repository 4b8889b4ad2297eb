"""The person's API keys: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access.actor import RIGHTS, actor_for
from guanxi.engine import keys
from guanxi.engine.rights import rights_in_words
from guanxi.kernel import clock
from guanxi.kernel.errors import Invalid
from guanxi.web import errors, rendering
from guanxi.web.account.confirming import confirmed
from guanxi.web.account.factor_pages import OVERVIEW
from guanxi.web.account.pages import framed, person_of

DAYS = (30, 90, 365, 0)
"""Choices for how long a key holds; 0 is for ever."""


@never_cache
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is on the answer and nowhere else."""
    confirmed(request)
    if request.method == "GET":
        return _form(request)
    try:
        days = _days(request.POST.get("days", ""))
        rights = request.POST.getlist("rights")
        if request.POST.get("reach") != "some":
            rights = []
        elif not rights:
            raise Invalid(_("Choose at least one right, or all."))
        expires_at = clock.now() + timedelta(days=days) if days else None
        key, secret = keys.issue(actor_for(person_of(request)), request.POST.get("name", ""), rights, expires_at)
    except Invalid as error:
        return _form(request, errors.sentence(error), 422)
    return rendering.page(request, "account/key_made.html", {**framed(request), "key": key, "secret": secret})


@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """Make a key useless."""
    keys.revoke(actor_for(person_of(request)), key_id)
    return rendering.go(request, OVERVIEW, _("The key is revoked."))


def _days(text: str) -> int:
    if text not in {str(days) for days in DAYS}:
        raise Invalid(_("Choose how long the key holds."))
    return int(text)


def _form(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    typed = request.POST
    chosen: dict[str, Any] = {
        "name": typed.get("name", "")[:120],
        "days": typed.get("days", "90"),
        "reach": typed.get("reach", "all"),
        "rights": typed.getlist("rights"),
    }
    words = rights_in_words()
    context = {
        **framed(request),
        "error": error,
        "chosen": chosen,
        "days": DAYS,
        "rights": {right: words[right] for right in RIGHTS},
    }
    return rendering.page(request, "account/key.html", context, status)
