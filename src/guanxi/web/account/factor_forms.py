"""Second factors as they are typed: allauth's forms, with attempts counted in the database and hostile input refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guanxi.access import attempts
from guanxi.access.models import User
from guanxi.web.account import guessing

NAME_LENGTH = 60
_HOSTILE = (AttributeError, KeyError, TypeError, IndexError, ValueError)
"""What parsing an answer that no browser would send may raise."""


def counted(person: User, check: Callable[[], Any]) -> Any:
    """The result of the check, which counts as an attempt unless it succeeds."""
    taken = guessing.take_factor(person)
    if not taken.allowed:
        raise ValidationError(guessing.wait(taken.minutes))
    try:
        found = check()
    except ValidationError:
        guessing.factor_failed(person, locked=taken.last)
        raise
    attempts.forget("factor", str(person.pk))
    return found


def sane(check: Callable[[], Any]) -> Any:
    """The result of the check; a credential that cannot be understood is refused like a wrong one."""
    try:
        return check()
    except ValidationError:
        raise ValidationError(_("This passkey was not accepted. Try again, or use another way.")) from None
    except _HOSTILE:
        raise ValidationError(_("This passkey was not accepted. Try again, or use another way.")) from None


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code of the app, or a recovery code, at sign-in."""

    def clean_code(self) -> Any:
        return counted(self.user, super().clean_code)


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    """The same, to confirm that it is still the same person."""

    def clean_code(self) -> Any:
        return counted(self.user, super().clean_code)


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as second factor."""

    def clean_credential(self) -> Any:
        return counted(self.user, lambda: sane(super(PasskeyForm, self).clean_credential))


class ConfirmPasskeyForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The same, to confirm that it is still the same person."""

    def clean_credential(self) -> Any:
        return counted(self.user, lambda: sane(super(ConfirmPasskeyForm, self).clean_credential))


class SignInPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey instead of name and password. There is no secret to guess, so nothing is counted."""

    def clean_credential(self) -> Any:
        return sane(super().clean_credential)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    def clean_name(self) -> str:
        return str(super().clean_name()).strip()[:NAME_LENGTH]

    def clean(self) -> Any:
        return sane(super().clean)


class ActivateCodesForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app."""

    def clean_code(self) -> Any:
        return counted(self.user, super().clean_code)
