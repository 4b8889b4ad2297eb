"""Signing in with the password of an LDAP directory, as a Django authentication backend."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from guanxi.access.models import User
from guanxi.engine import provisioning
from guanxi.engine.identity import directory, links
from guanxi.web.account.backend import PasswordBackend

_REASON = "guanxi_signin_reason"


class LdapBackend(PasswordBackend):
    """Asks every active directory in turn. Comes after the local passwords, so that those work when no directory answers."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person a directory vouches for, or ``None``; why not, says :func:`reason` where it may be said."""
        if not username or not password:
            return None
        for provider in links.active("ldap"):
            try:
                claims = directory.sign_in(provider, username.strip(), password)
                if claims is not None:
                    return provisioning.person_for(provider, claims)
            except (directory.Unavailable, provisioning.NotAdmitted) as error:
                if request is not None:
                    setattr(request, _REASON, error.message)
                if isinstance(error, provisioning.NotAdmitted):
                    return None
        return None


def reason(request: HttpRequest) -> str:
    """What to say instead of “name or password is wrong”: a directory does not answer, or knows the person but we do not.

    The second is said only to somebody who gave the right password. Empty when there is nothing of the kind.
    """
    return str(getattr(request, _REASON, ""))
