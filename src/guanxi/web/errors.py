"""The one place where errors become answers: a toast for fragments, JSON for our script, a page for everything else."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.kernel.errors import GuanxiError, Invalid
from guanxi.web import rendering
from guanxi.web.problems import problem
from guanxi.web.request import is_htmx, wants_json


def answer(request: HttpRequest, error: GuanxiError) -> HttpResponse:
    """What the asker gets for an error: always with its status, always with its sentence. Refusals are audited."""
    if error.status == 403:
        refused(request, error)
    if request.path.startswith("/api/"):
        return problem(error)
    if wants_json(request):
        return JsonResponse(as_json(error), status=error.status)
    if is_htmx(request):
        response = HttpResponse(status=error.status)
        # htmx would put a refused answer into the page; the sentence goes to a toast instead.
        response.headers["HX-Reswap"] = "none"
        return rendering.toast(response, sentence(error), "bad")
    return page(request, error.status, sentence(error))


def refused(request: HttpRequest, error: GuanxiError) -> None:
    """Put a refusal into the audit log, after whatever was begun has been rolled back."""
    actor = getattr(request, "actor", None)
    audit.note("refused", actor, detail=f"{request.method} {request.path}: {error.message}")


def as_json(error: GuanxiError) -> dict[str, object]:
    """The error as our script reads it."""
    found: dict[str, object] = {"message": sentence(error), "code": error.code}
    if isinstance(error, Invalid):
        found["fields"] = error.fields
    return found


def sentence(error: GuanxiError) -> str:
    """The error's words: those of its fields when the error itself says only that there are some."""
    if isinstance(error, Invalid) and error.fields:
        words = [message for messages in error.fields.values() for message in messages]
        if words:
            return " ".join(dict.fromkeys(words))
    return error.message


def page(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A whole page for an error, in the look of all others."""
    titles = {
        403: _("You may not do this"),
        404: _("Nothing here"),
        409: _("Somebody was faster"),
        500: _("That went wrong on our side"),
    }
    title = titles.get(status, _("That did not work"))
    context = {"status": status, "title": title, "message": message}
    return rendering.page(request, "error.html", context, status=status)


def current_path(request: HttpRequest) -> str:
    """Path and query of the page the person is on, as htmx reports it."""
    parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
