"""Signing in: name and password, a passkey alone, the second factor."""

from __future__ import annotations

from typing import Any

from allauth.account.internal import flows
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.access import audit
from guanxi.access.models import User
from guanxi.web import rendering
from guanxi.web.account import going, guessing
from guanxi.web.account.pages import OwnPage, errors_of
from guanxi.web.account.providers import offered


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    goal = going.goal(request)
    if isinstance(request.user, User):
        return HttpResponseRedirect(goal)
    if request.method == "GET":
        clear_login(request)
        return page(request, goal, _refused_elsewhere(request), status=200)
    name = request.POST.get("username", "")[:254]
    outcome = guessing.try_password(request, name, request.POST.get("password", "")[:1024])
    if outcome.person is None:
        return page(request, goal, outcome.error, username=name)
    return enter(request, outcome.person, goal)


def enter(request: HttpRequest, person: User, goal: str) -> HttpResponse:
    """Go on with somebody whose password is right: to the second factor, or in."""
    login = Login(user=person, redirect_url=goal)
    response: HttpResponse = flows.login.perform_password_login(request, {"username": person.username}, login)
    return response


def page(request: HttpRequest, goal: str, error: str = "", *, username: str = "", status: int = 422) -> HttpResponse:
    """The sign-in page as it stands, with what was typed."""
    context = {
        "goal": goal,
        "error": error,
        "username": username,
        "providers": offered(request),
        "mail": settings.GUANXI_MAIL,
    }
    return rendering.page(request, "signin.html", context, status=status)


def _refused_elsewhere(request: HttpRequest) -> str:
    """Why another page sent the person back here."""
    return {
        "account": _("You cannot sign in this way. Ask an administrator whether your account is active."),
        "link": _("This link is no longer valid. Sign in with your password, or ask for a new link."),
    }.get(request.GET.get("wrong", ""), "")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session of this browser."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()
    flows.logout.logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    """A passkey instead of name and password: the script asks for the challenge, then posts the answer."""

    def form_valid(self, form: Any) -> HttpResponse:
        authenticator: Authenticator = form.cleaned_data["credential"]
        login = Login(user=authenticator.user, redirect_url=going.goal(self.request))
        response: HttpResponse = perform_passwordless_login(self.request, authenticator, login)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        audit.note("sign_in_failed", detail="passkey")
        return page(self.request, going.goal(self.request), " ".join(errors_of(form)))


class SecondFactor(OwnPage, AuthenticateView):  # type: ignore[misc]
    """The second factor of somebody whose password was right."""

    own_template = "account/second.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.stage.login.user
        kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
        forms = (found.get("form"), found.get("webauthn_form"))
        return {
            "name": person.name,
            "codes": bool(kinds & {"totp", "recovery_codes"}),
            "app": "totp" in kinds,
            "passkey": found.get("js_data", {}).get("request_options") if "webauthn" in kinds else None,
            "errors": [message for form in forms if form is not None for message in errors_of(form)],
        }


passkey_sign_in = never_cache(PasskeySignIn.as_view())
second_factor = SecondFactor.as_view()
