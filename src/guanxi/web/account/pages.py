"""How django-allauth's views show our pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from guanxi.access.models import User
from guanxi.web import rendering


class OwnPage:
    """For allauth's class-based views: our template in our frame, with our status for refused forms."""

    request: HttpRequest
    own_template = ""

    def render_to_response(self, context: dict[str, Any], **_options: Any) -> HttpResponse:
        """The page; 422 when it comes back with errors."""
        shown = {key: value for key, value in context.items() if key != "view"}
        status = 422 if self.request.method == "POST" else 200
        return rendering.page(self.request, self.own_template, {**framed(self.request), **shown}, status)


def framed(request: HttpRequest) -> dict[str, Any]:
    """What every page of signing in needs: the frame, which is bare while a step of signing in is still missing."""
    bare = bool(getattr(request, "unfinished", "")) or not isinstance(request.user, User)
    return {"frame": "account/bare.html" if bare else "layout.html", "unfinished": bare}


def errors_of(form: Any) -> list[str]:
    """The sentences of a refused form, each once."""
    return list(dict.fromkeys(str(message) for messages in form.errors.values() for message in messages))


def person_of(request: HttpRequest) -> User:
    """The signed-in person."""
    assert isinstance(request.user, User)
    return request.user
