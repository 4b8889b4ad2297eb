"""What every request has to pass: where it comes from, how long nobody moved, and what is still missing after signing in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from guanxi.access import audit, compiled, passwords
from guanxi.access.models import User
from guanxi.kernel import clock
from guanxi.kernel.errors import Refused
from guanxi.schema import registry
from guanxi.web import demands, errors, origin, rendering
from guanxi.web.problems import problem
from guanxi.web.request import is_htmx, wants_json

Handler = Callable[[HttpRequest], HttpResponseBase]

SEEN = "guanxi_seen"
SEEN_EVERY = timedelta(minutes=1)
"""The list of sessions is so exact."""
UNATTENDED = ("/notifications/unread", "/jobs/mark")
"""What pages ask for on their own: no sign that somebody sits there."""
RENEW = "/signin/renew"
SETUP = "/preferences/security/setup"
ALWAYS_OPEN = ("/signout", "/language")
SETUP_PATHS = (SETUP, "/preferences/security/app", "/preferences/security/passkeys/add")
CONFIRM = "/preferences/confirm"


class Origin:
    """Tells the audit log from where every request comes."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with audit.origin(origin.address_of(request), origin.agent_of(request)):
            return self.get_response(request)


class Gate:
    """Lets a request pass, or answers it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith("/static/"):
            return self.get_response(request)
        _take_up(request)
        user = request.user
        if not isinstance(user, User):
            return self._networks(request, None) or self.get_response(request)
        with translation.override(user.preferences.get("language") or translation.get_language()):
            stopped = self._networks(request, user) or _idle(request, user) or _unfinished(request, user)
        if stopped is not None:
            return stopped
        if isinstance(request.user, User):
            _seen(request)
        return self.get_response(request)

    @staticmethod
    def _networks(request: HttpRequest, user: User | None) -> HttpResponse | None:
        if request.path == "/signout" or demands.from_here(
            origin.address_of(request), compiled.current(), user.pk if user else None
        ):
            return None
        sentence = elsewhere()
        number, name = (user.pk, user.name) if user else (None, "")
        audit.note("refused", person=number, name=name, detail=f"{request.method} {request.path}: network")
        return _stop(request, sentence)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page that wants to be sure who asks: the person confirms it and comes back."""
        if not isinstance(error, ReauthenticationRequired):
            return None
        back = request.get_full_path() if request.method == "GET" else "/preferences/security"
        return _lead(request, f"{_confirming(request)}?{urlencode({'next': back})}")


def elsewhere() -> str:
    """Why somebody is not let in from an address."""
    return _("From this network you may not use Guanxi. Use the company's network, or ask an administrator.")


def admit_key(request: HttpRequest, user_id: int | None) -> None:
    """Raise :class:`Refused` in words unless the owner of an API key may come from the address of the request."""
    if not demands.from_here(origin.address_of(request), compiled.current(), user_id):
        raise Refused(elsewhere())


def _take_up(request: HttpRequest) -> None:
    """Take up what changed in another process; the one question for it is asked here, for everything that follows."""
    versions = registry.versions()
    request.versions = versions  # type: ignore[attr-defined]
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))


def _idle(request: HttpRequest, user: User) -> HttpResponse | None:
    minutes = compiled.current().policy.idle_minutes
    last = _last_seen(request)
    if not minutes or last is None or clock.now() - last <= timedelta(minutes=minutes):
        return None
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    logout(request)
    audit.note("session_ended", person=user.pk, name=user.name, detail="idle")
    # The request goes on without a person, and so is led to the sign-in page like any other.
    return None


def _unfinished(request: HttpRequest, user: User) -> HttpResponse | None:
    """Where the person must go first: to a new password, or to a second factor."""
    if not isinstance(request.user, User) or request.path in ALWAYS_OPEN:
        return None
    access = compiled.current()
    if passwords.expired(user, access.policy):
        request.unfinished = "password"  # type: ignore[attr-defined]
        if request.path == RENEW:
            return None
        return _first(request, RENEW, _("Your password is too old. Choose a new one to go on."))
    if not demands.second_factor(user, access) or demands.has_second_factor(user):
        return None
    request.unfinished = "factor"  # type: ignore[attr-defined]
    if request.path in SETUP_PATHS or request.path.startswith(CONFIRM):
        return None
    return _first(request, SETUP, _("Your company asks for a second factor. Set one up to go on."))


def _seen(request: HttpRequest) -> None:
    """Keep when and from where the session was used last, once a minute."""
    policy = compiled.current().policy
    last, now = _last_seen(request), clock.now()
    if request.path in UNATTENDED and last is not None:
        return
    every = min(SEEN_EVERY, timedelta(minutes=policy.idle_minutes) / 4) if policy.idle_minutes else SEEN_EVERY
    if last is not None and now - last < every:
        return
    request.session[SEEN] = now.timestamp()
    UserSession.objects.create_from_request(request)


def _last_seen(request: HttpRequest) -> datetime | None:
    with suppress(TypeError, ValueError, OverflowError):
        return (
            datetime.fromtimestamp(float(request.session[SEEN]), tz=clock.now().tzinfo)
            if SEEN in request.session
            else None
        )
    return None


def _confirming(request: HttpRequest) -> str:
    from allauth.account.adapter import get_adapter

    methods = get_adapter().get_reauthentication_methods(request.user)
    return str(methods[0]["url"]) if methods else reverse("account_login")


def _first(request: HttpRequest, address: str, sentence: str) -> HttpResponse:
    """Lead to what is missing; whoever asks without a page is told in words."""
    if request.path.startswith("/api/"):
        return _stop(request, sentence)
    return _lead(request, address, sentence)


def _lead(request: HttpRequest, address: str, sentence: str = "") -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": sentence or _("Confirm first that it is you.")}, status=403)
    if is_htmx(request):
        response = HttpResponse(status=403)
        response.headers["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


def _stop(request: HttpRequest, sentence: str) -> HttpResponse:
    """Refuse in the form the asker understands."""
    error = Refused(sentence)
    if request.path.startswith("/api/"):
        return problem(error)
    if wants_json(request) or is_htmx(request):
        answer = JsonResponse(errors.as_json(error), status=403)
        if is_htmx(request):
            answer.headers["HX-Reswap"] = "none"
            rendering.toast(answer, sentence, "bad")
        return answer
    return rendering.page(request, "account/stop.html", {"message": sentence}, 403)
