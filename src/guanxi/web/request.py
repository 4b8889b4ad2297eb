"""What a request carries once the middleware has seen it."""

from __future__ import annotations

from django.http import HttpRequest

from guanxi.access.actor import Actor


class Request(HttpRequest):
    """A request of a signed-in person."""

    actor: Actor


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, which takes fragments and reads the ``HX-`` headers of the answer."""
    return request.headers.get("HX-Request") == "true"


def wants_json(request: HttpRequest) -> bool:
    """Whether our own script asks, which takes JSON."""
    return request.headers.get("X-Guanxi") == "1"


def target(request: HttpRequest) -> str:
    """Id of the element htmx will put the answer into."""
    return request.headers.get("HX-Target", "")
