"""What django-allauth asks about accounts, answered our way."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from guanxi.access import audit, passwords
from guanxi.access.models import User
from guanxi.web import origin
from guanxi.web.account import confirming, devices, going, guessing


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up, no mails of allauth's; sign-ins, sign-outs and passwords are audited."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": gettext_lazy("This is not your password, or there were too many attempts."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited; nobody makes an account alone."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The asker's address, as trusted proxies tell it; 0.0.0.0 where the server cannot tell."""
        return origin.address_of(request) or "0.0.0.0"  # noqa: S104

    def is_safe_url(self, url: str) -> bool:
        """Only our own pages."""
        return bool(going.safe(context.request, url))

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """The same way for everybody who cannot sign in."""
        return HttpResponseRedirect("/signin?wrong=account")

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse | None:
        """Whoever is deactivated or deleted does not come in, by whichever way."""
        assert isinstance(user, User)
        if not user.is_active or user.deleted_at is not None:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return None

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Every way of signing in ends here, once: the session gets a new key."""
        super().login(request, user)
        assert isinstance(user, User)
        agent = request.headers.get("User-Agent", "")
        new = devices.is_new(user, agent)
        audit.note("signed_in", person=user.pk, name=user.name, detail=_ways(request))
        if new:
            devices.tell(user, agent)

    def logout(self, request: HttpRequest) -> None:
        """End the session of this browser."""
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            audit.note("signed_out", person=user.pk, name=user.name)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after signing in."""
        return not confirming.recently_signed_in(context.request)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether it is the person's password; guesses count like those at sign-in."""
        assert isinstance(user, User)
        outcome = guessing.try_password(context.request, str(user.username), password[:1024])
        return outcome.person is not None and outcome.person.pk == user.pk

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """The one way to set passwords."""
        assert isinstance(user, User)
        passwords.set_password(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What is to be known is in the audit log; allauth's own mails are not sent."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What is to be known is in the audit log; allauth's own mails are not sent."""


def _ways(request: HttpRequest) -> str:
    """By which means somebody signed in: ``password``, ``totp``, ``passkey`` …"""
    records = request.session.get("account_authentication_methods") or []
    names = []
    for record in records:
        name = record.get("type") or record.get("provider") or record.get("method")
        names.append("passkey" if name == "webauthn" else str(name))
    return " + ".join(dict.fromkeys(names))
