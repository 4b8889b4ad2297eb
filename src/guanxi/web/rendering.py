"""Pages, fragments and the headers by which an answer speaks to the page it goes to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import get_template

from guanxi.web import shell
from guanxi.web.request import is_htmx


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A whole page inside the shell."""
    return fragment(request, template, {**shell.context(request), **context}, status)


def fragment(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A piece of a page."""
    actor = getattr(request, "actor", None)
    everything = {"actor": actor, **context}
    response = HttpResponse(get_template(template).render(everything, request), status=status)
    # The same address gives a page or a fragment, and neither may be kept by others.
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    response.headers["Cache-Control"] = "no-store"
    return response


def trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    """Add events that the page's script hears when the answer arrives."""
    known = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**known, **events}, ensure_ascii=True)
    return response


def toast(response: HttpResponse, message: str, level: str = "good", undo: int | None = None) -> HttpResponse:
    """Show a sentence when the answer arrives; ``level`` is ``good`` or ``bad``.

    ``undo`` is the change set that a button beside the sentence takes back.
    """
    return trigger(response, toast={"message": message, "level": level, **({"undo": undo} if undo else {})})


def go(request: HttpRequest, address: str, message: str = "", undo: int | None = None) -> HttpResponse:
    """Send the person to another page; the sentence is shown there."""
    if not is_htmx(request):
        response: HttpResponse = HttpResponseRedirect(address)
        response.status_code = 303
        return response
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = address
    return toast(response, message, undo=undo) if message else response


def done(message: str = "", undo: int | None = None, **events: Any) -> HttpResponse:
    """An answer without content: closes nothing and swaps nothing by itself, the events do."""
    response = HttpResponse(status=204)
    if events:
        trigger(response, **events)
    return toast(response, message, undo=undo) if message else response
