"""Looking at an earlier day: lists, boards and records as they stood, until the person goes back to today.

The session remembers the day. While it does, every page of an object is read as it was then; everything else of the program
is as it is today, and what would write to an object is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.engine import past
from guanxi.kernel.errors import Refused
from guanxi.web.request import Request

KEY = "as_of"
_READ = ("GET", "HEAD", "OPTIONS")
_TODAY = ("/new", "/edit", "/filter", "/export", "/access", "/share", "/redact", "/bulk")
"""Ends of addresses of an object that are about today, whatever the day looked at: forms, rights, files."""


def held(request: HttpRequest) -> datetime | None:
    """The moment the person looks at, if it is an earlier one."""
    text = request.session.get(KEY)
    return datetime.fromisoformat(text) if text else None


def concerns(request: HttpRequest) -> bool:
    """Whether the request is answered from the earlier day."""
    return KEY in request.session and request.path.startswith("/o/")


def answer(request: Request, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    """The answer as of the day looked at; nothing of an object can be written meanwhile."""
    moment = held(request)
    if request.method not in _READ or request.path.endswith(_TODAY):
        raise Refused(_("You are looking at an earlier day, which is for reading only. Go back to today first."))
    assert moment is not None
    with past.looking_back(request.actor, moment, [request.path.split("/")[2]]) as actor:
        request.actor = actor
        return get_response(request)
