"""Signing in and out, and the language of people who have not signed in."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access.models import User
from guanxi.engine import preferences
from guanxi.web import rendering

TRIES = 8
WAIT_SECONDS = 300


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page. After too many wrong passwords a pair of name and address has to wait."""
    goal = _goal(request)
    if isinstance(request.user, User):
        return HttpResponseRedirect(goal)
    error = ""
    if request.method == "POST":
        key = _key(request)
        form = AuthenticationForm(request, data=request.POST)
        if cache.get(key, 0) >= TRIES:
            error = _("Too many attempts. Wait %(minutes)d minutes, then try again.") % {"minutes": WAIT_SECONDS // 60}
        elif form.is_valid():
            cache.delete(key)
            login(request, form.get_user())
            return HttpResponseRedirect(goal)
        else:
            cache.add(key, 0, WAIT_SECONDS)
            cache.incr(key)
            error = _("User name or password is wrong. Check both, upper and lower case matter in the password.")
    context = {"goal": goal, "error": error, "username": request.POST.get("username", "")}
    return rendering.page(request, "signin.html", context, status=422 if error else 200)


def _goal(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted else settings.LOGIN_REDIRECT_URL


def _key(request: HttpRequest) -> str:
    who = f"{request.POST.get('username', '').strip().lower()}|{request.META.get('REMOTE_ADDR', '')}"
    return f"signin:{hashlib.sha256(who.encode()).hexdigest()}"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language: in the preferences of the person, or in a cookie before signing in."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        chosen = settings.LANGUAGE_CODE
    actor = getattr(request, "actor", None)
    if actor is not None:
        preferences.update(actor, language=chosen)
    goal = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return remember_language(HttpResponseRedirect(goal if safe else "/"), chosen)


def remember_language(response: HttpResponse, chosen: str) -> HttpResponse:
    """Keep the language in a cookie, for the sign-in page."""
    name, secure = settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, chosen, max_age=365 * 86400, samesite="Lax", secure=secure)
    return response
