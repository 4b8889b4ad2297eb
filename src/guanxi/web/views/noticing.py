"""Notifications: the panel of the bell, the page of all, following records, and what reaches a person how."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.models import User
from guanxi.engine import notifications, read
from guanxi.engine.notifications import choices as chosen
from guanxi.engine.notifications import following
from guanxi.engine.notifications.kinds import CHANNELS, KINDS
from guanxi.web import rendering
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx

SIZE = 50


@require_GET
def panel(request: Request) -> HttpResponse:
    """The newest notifications, in the panel of the bell."""
    context = {"notices": notifications.latest(request.actor, 12), "unread": notifications.unread(request.actor)}
    return rendering.fragment(request, "shell/notices.html", context)


@require_GET
def index(request: Request) -> HttpResponse:
    """All notifications, or the unread ones; older ones follow as the person scrolls."""
    before = whole(request.GET.get("before", ""))
    only_unread = request.GET.get("unread") == "1"
    found = notifications.page(request.actor, SIZE, before, only_unread=only_unread)
    context = {"found": found, "only_unread": only_unread, "here": "notifications"}
    if before is not None and is_htmx(request):
        return rendering.fragment(request, "notices/items.html", context)
    return rendering.page(request, "notices/page.html", context)


@require_GET
def unread(request: Request) -> HttpResponse:
    """The number on the bell."""
    number = notifications.unread(request.actor)
    return HttpResponse(_bounded(number), content_type="text/plain; charset=utf-8")


def _bounded(number: int) -> str:
    return "" if not number else "99+" if number > 99 else str(number)


@require_POST
def mark_read(request: Request) -> HttpResponse:
    """Mark every notification as read."""
    notifications.mark_read(request.actor)
    if request.POST.get("panel"):
        return rendering.trigger(panel_again(request), unread=0)
    return rendering.go(request, "/notifications/all", _("Everything is marked as read."))


def panel_again(request: Request) -> HttpResponse:
    """The panel after something was done in it."""
    context = {"notices": notifications.latest(request.actor, 12), "unread": 0}
    return rendering.fragment(request, "shell/notices.html", context)


@require_POST
def follow(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Follow what others change about a record, or no longer."""
    actor = request.actor
    kind = readable(actor, object_key)
    followed = not following.follows(actor, kind.key, record_id)
    if followed:
        read.get(actor, kind.key, record_id)
        following.follow(actor, kind.key, record_id)
    else:
        following.unfollow(actor, kind.key, record_id)
    context = {"kind": kind, "record_id": record_id, "followed": followed}
    response = rendering.fragment(request, "record/watch.html", context)
    said = (
        _("You are told what others change here.") if followed else _("You are no longer told what others change here.")
    )
    return rendering.toast(response, said)


@require_POST
def choose(request: Request) -> HttpResponse:
    """Keep what reaches the person how."""
    channels = {key: [way for way in request.POST.getlist(key) if way in CHANNELS] for key in KINDS}
    time, days = request.POST.get("digest_time", "08:00")[:5], request.POST.get("digest_days", "working")
    chosen.choose(request.actor, channels, time, days)
    return rendering.go(request, "/preferences#notices", _("Preferences saved."))


def choices(request: Request) -> dict[str, Any]:
    """What the form of the preferences shows."""
    person = request.user
    return {
        "notice_kinds": list(KINDS.values()),
        "notice_choices": chosen.get(request.actor),
        "mails": settings.GUANXI.mail is not None,
        "own_address": person.email if isinstance(person, User) else "",
    }
