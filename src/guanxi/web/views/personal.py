"""What belongs to the person: preferences, password, notifications, what was opened last."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access import compiled, passwords
from guanxi.access.models import User
from guanxi.engine import preferences, recent
from guanxi.engine.identity.links import directory_person
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.account.password_pages import ChangedPassword, change
from guanxi.web.request import Request
from guanxi.web.views import noticing, session

QUICK = ("theme", "density", "collapsed")


@require_http_methods(["GET", "POST"])
def settings(request: Request) -> HttpResponse:
    """Language, theme, time zone and density."""
    if request.method == "POST":
        chosen = {key: request.POST.get(key, "") for key in ("language", "theme", "time_zone", "density")}
        preferences.update(request.actor, **chosen)
        response = rendering.go(request, "/preferences", _("Preferences saved."))
        return session.remember_language(response, chosen["language"] or request.actor.language)
    return _settings(request, ChangedPassword(_person(request)))


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _settings(request: Request, form: ChangedPassword, status: int = 200) -> HttpResponse:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    context = {
        "chosen": preferences.get(request.actor),
        "zones": zones,
        "form": form,
        "has_password": _person(request).has_usable_password() and not directory_person(_person(request).pk),
        "rules": passwords.rules(compiled.current().policy),
        "current_zone": str(request.actor.zone),
        **noticing.choices(request),
    }
    return rendering.page(request, "preferences.html", context, status)


@require_POST
def quick(request: Request) -> HttpResponse:
    """One preference changed by a button of the frame."""
    key, value = request.POST.get("key", ""), request.POST.get("value", "")
    if key in QUICK:
        preferences.update(request.actor, **{key: value == "1" if key == "collapsed" else value})
    return HttpResponse(status=204)


@sensitive_post_parameters()
@require_POST
def password(request: Request) -> HttpResponse:
    """Change one's own password; the session stays."""
    form = ChangedPassword(_person(request), request.POST)
    if not form.is_valid():
        return _settings(request, form, 422)
    change(request, form)
    return rendering.go(request, "/preferences", _("Password changed."))


@require_GET
def recents(request: Request) -> HttpResponse:
    """What the person opened last, for the navigation."""
    context = {"recents": recent.of(request.actor), "objects": snapshot().objects}
    return rendering.fragment(request, "shell/recents.html", context)
