"""Who asks, in which language and time zone, and what the browser may load."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.kernel.errors import GuanxiError
from guanxi.web import errors, lookback, seeing
from guanxi.web.live import live_origin
from guanxi.web.request import is_htmx, wants_json

Handler = Callable[[HttpRequest], HttpResponseBase]

OPEN_PATHS = ("/signin", "/language", "/static/", "/favicon.ico", "/api/")
"""Reachable without a session; the API signs people in by key on its own."""


class ContentSecurityPolicy:
    """Sends the policy of every page: nothing inline, nothing from elsewhere but the live stream."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Content-Security-Policy" not in response.headers:
            response.headers["Content-Security-Policy"] = self.policy(request)
        return response

    @staticmethod
    def policy(request: HttpRequest) -> str:
        """The header's value."""
        connect = " ".join(filter(None, ("'self'", live_origin(request))))
        return (
            "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"connect-src {connect}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
        )


class CurrentActor:
    """Makes the actor of a signed-in person; sends everybody else to the sign-in page. Maps errors for people."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/static/"):
            return self.get_response(request)
        user = request.user
        if isinstance(user, User):
            own = actor_for(user)
            request.actor = seeing.current(request, own)  # type: ignore[attr-defined]
            if request.actor.observer is not None:  # type: ignore[attr-defined]
                return self._otherwise(request, own, seeing.answer)
            if lookback.concerns(request):
                return self._otherwise(request, own, lookback.answer)
        elif not request.path.startswith(OPEN_PATHS):
            return to_sign_in(request)
        return self.get_response(request)

    def _otherwise(self, request: HttpRequest, own: Actor, way: Callable[..., HttpResponseBase]) -> HttpResponseBase:
        """Answer as somebody else, or of another day; what is refused on the way is told in the person's own language."""
        try:
            return way(request, self.get_response)
        except GuanxiError as error:
            request.actor = own  # type: ignore[attr-defined]
            with translation.override(own.language), timezone.override(own.zone):
                return errors.answer(request, error)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Every error meant for a person becomes an answer here; the API makes its own."""
        if isinstance(error, GuanxiError) and not request.path.startswith("/api/"):
            return errors.answer(request, error)
        return None


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back, in the form the asker understands."""
    if wants_json(request):
        message = _("You have been signed out. Sign in again in another tab, then retry.")
        return JsonResponse({"message": message}, status=401)
    if is_htmx(request):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = f"/signin?{urlencode({'next': errors.current_path(request)})}"
        return response
    where = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect("/signin" if where == "/" else f"/signin?{urlencode({'next': where})}")


class PersonSettings:
    """Puts the person's language and time zone in force while the request is answered."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        actor = getattr(request, "actor", None)
        if actor is None:
            return self.get_response(request)
        with translation.override(actor.language), timezone.override(actor.zone):
            request.LANGUAGE_CODE = actor.language
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", actor.language)
            return response
