"""What django-allauth asks about OpenID Connect, answered from our identity providers and by our rules."""

from __future__ import annotations

import hmac
import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.engine import provisioning
from guanxi.engine.identity.provider import IdentityProvider
from guanxi.web.account import claims, entrance, going
from guanxi.web.numbers_in import whole

log = logging.getLogger("guanxi.signin")


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Providers come from our table, people from :mod:`guanxi.engine.provisioning`; allauth keeps state and PKCE."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The active providers; ``provider`` is the number of one of them."""
        rows = IdentityProvider.objects.filter(kind="oidc", is_active=True, deleted_at=None).order_by("position", "pk")
        if provider and provider != "openid_connect":
            rows = rows.filter(pk=whole(provider) or 0)
        if client_id:
            rows = rows.filter(client_id=client_id)
        return [_app(row) for row in rows]

    def authenticate_by_email(self, login: SocialLogin) -> None:
        """Never by allauth: a mail address opens an account only as provisioning says."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """People are made by provisioning; allauth's sign-up stays shut."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """The provider's word is verified: it becomes one of our people here, or the sign-in ends."""
        told = sociallogin.account.extra_data
        nonce = str(sociallogin.state.get("nonce") or "")
        given = str(told.get("id_token", {}).get("nonce") or "")
        if sociallogin.state.get("process") != AuthProcess.LOGIN or not nonce or not hmac.compare_digest(nonce, given):
            self.on_authentication_error(request, sociallogin.provider, exception=ValueError("the nonce is another"))
        provider = IdentityProvider.objects.get(pk=int(sociallogin.account.provider))
        try:
            sociallogin.user = provisioning.person_for(provider, claims.read(provider, told))
        except provisioning.NotAdmitted as error:
            raise ImmediateHttpResponse(failed(request, error.message)) from error

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Our own page instead of allauth's; the reason goes to the log."""
        name = getattr(provider, "name", "")
        if error == AuthError.CANCELLED:
            message = _("You cancelled the sign-in at “%(name)s”.") % {"name": name}
            raise ImmediateHttpResponse(failed(request, message))
        reason = (
            str(exception) if exception else "the state is unknown or was used already, or the provider gave an error"
        )
        log.warning("A sign-in through %s failed: %s", name, reason)
        audit.note("sign_in_failed", detail=f"through {name}: {reason[:300]}")
        message = _(
            "The sign-in through “%(name)s” did not work. Begin again; if it fails again, ask an administrator."
        )
        raise ImmediateHttpResponse(failed(request, message % {"name": name}))


def _app(row: IdentityProvider) -> SocialApp:
    """A provider as allauth knows one; never saved."""
    return SocialApp(
        provider="openid_connect",
        provider_id=str(row.pk),
        name=row.title[:40],
        client_id=row.client_id,
        secret=row.secret("client_secret"),
        settings={
            "server_url": row.issuer,
            "scope": sorted({"openid", *row.scopes.replace(",", " ").split()}),
            "oauth_pkce_enabled": True,
        },
    )


def failed(request: HttpRequest, message: str) -> HttpResponse:
    """The sign-in page, saying why somebody was not let in."""
    return entrance.page(request, going.goal(request), message, status=403)
