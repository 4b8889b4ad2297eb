"""Confirming that it is still the same person, before second factors and keys are changed."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.views import ReauthenticateView as PasswordView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView as PasskeyView
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from guanxi.web.account import going
from guanxi.web.account.pages import OwnPage, errors_of

RECENT_SECONDS = 15 * 60
"""Whoever signed in so recently need not confirm it."""


def recently_signed_in(request: HttpRequest) -> bool:
    """Whether the person proved who it is within the last minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < RECENT_SECONDS


def confirmed(request: HttpRequest) -> None:
    """Go on only if the person has proved recently who it is; allauth's error leads to the page otherwise."""
    raise_if_reauthentication_required(request, app="allauth.mfa")


class _Confirm(OwnPage):
    own_template = "account/confirm.html"
    way = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        others = {other["id"]: other["url"] for other in found["reauthentication_alternatives"]}
        return {
            "way": self.way,
            "goal": going.goal(self.request),
            "others": others,
            "passkey": found.get("js_data", {}).get("request_options"),
            "errors": errors_of(found["form"]) if self.request.method == "POST" else [],
        }

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form))


class ConfirmPassword(_Confirm, PasswordView):  # type: ignore[misc]
    """By password."""

    way = "password"


class ConfirmCode(_Confirm, CodeView):  # type: ignore[misc]
    """By a code of the app, or a recovery code."""

    way = "code"


class ConfirmPasskey(_Confirm, PasskeyView):  # type: ignore[misc]
    """By passkey."""

    way = "passkey"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # allauth's view drops the bound form on the way up.
        form = kwargs.get("form")
        found = super().get_context_data(**kwargs)
        return {**found, "errors": errors_of(form) if form is not None else []}


by_password = never_cache(sensitive_post_parameters("password")(ConfirmPassword.as_view()))
by_code = never_cache(ConfirmCode.as_view())
by_passkey = never_cache(ConfirmPasskey.as_view())
