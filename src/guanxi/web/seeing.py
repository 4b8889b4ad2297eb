"""Seeing the program as somebody else does: for administrators, read only, recorded, and over after an hour.

The session remembers who is looked at. While it does, the actor of every request is that person with nothing but the right
to read; whatever a page would write on the way (what was opened last) is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.kernel import clock, db
from guanxi.kernel.errors import NotFound, Refused

KEY = "see_as"
LASTS = timedelta(hours=1)
_OWN = (
    *("/preferences", "/api/v1/keys", "/exports", "/api/v1/export-requests", "/admin", "/files"),
    *("/imports", "/api/v1/import"),
)
"""What belongs to the one who looks, or would carry data away: closed while looking as somebody else."""
_ALLOWED = ("/see-as/end", "/signout")


def start(request: HttpRequest, actor: Actor, user_id: int) -> None:
    """Look as this person from the next request on."""
    if not actor.is_administrator or actor.allowed is not None:
        raise Refused(_("Only an administrator can look as somebody else."))
    user = User.objects.filter(pk=user_id, is_active=True, deleted_at=None).first()
    if user is None or user_id == actor.user_id:
        raise NotFound(_("Choose another active person."))
    request.session[KEY] = {"user": user_id, "since": clock.now().isoformat()}
    audit.note("see_as_started", actor, object_key="user", record=user_id, detail=user.username)


def end(request: HttpRequest) -> None:
    """Look as oneself again."""
    held = request.session.pop(KEY, None)
    if held and isinstance(request.user, User):
        user = User.objects.filter(pk=held["user"]).first()
        name = user.username if user else ""
        audit.note("see_as_ended", actor_for(request.user), object_key="user", record=held["user"], detail=name)


def current(request: HttpRequest, actor: Actor) -> Actor:
    """The actor of the request: the one who signed in, or the person looked at."""
    held = request.session.get(KEY)
    if not held:
        return actor
    user = User.objects.filter(pk=held["user"], is_active=True, deleted_at=None).first()
    over = clock.now() - datetime.fromisoformat(held["since"]) > LASTS
    if user is None or over or not actor.is_administrator:
        end(request)
        return actor
    seen = actor_for(user)
    return replace(seen, allowed=frozenset({"read"}), language=actor.language, zone=actor.zone, observer=actor.user_id)


def answer(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    """The answer to somebody who looks as another: nothing is written, and what is their own stays closed."""
    if request.path in _ALLOWED:
        return get_response(request)
    if request.method not in ("GET", "HEAD", "OPTIONS") or request.path.startswith(_OWN):
        raise Refused(_("You are looking as somebody else, which is for reading only. End it first."))
    found: list[HttpResponseBase] = []
    try:
        with db.atomic():
            found.append(get_response(request))
            raise _Undo
    except _Undo:
        return found[0]


class _Undo(Exception):
    """Rolls back what a page wrote on the way."""
