"""The language, before and after signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from guanxi.engine import preferences
from guanxi.web.account import going


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: in the preferences of the person, or in a cookie before signing in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = settings.LANGUAGE_CODE
    actor = getattr(request, "actor", None)
    if actor is not None:
        preferences.update(actor, language=chosen)
    goal = going.safe(request, request.POST.get("next", "/")) or "/"
    return remember_language(HttpResponseRedirect(goal), chosen)


def remember_language(response: HttpResponse, chosen: str) -> HttpResponse:
    """Keep the language in a cookie, for the sign-in page."""
    name, secure = settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, chosen, max_age=365 * 86400, samesite="Lax", secure=secure)
    return response
