"""Signing in through an OpenID Connect provider: there and back again.

django-allauth does the authorization code flow with PKCE and a state that can be used once. The nonce, the signature of the
ID token and the agreement of userinfo with it are checked here, whether or not the specification would let us trust TLS.
"""

from __future__ import annotations

import secrets
from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from guanxi.engine.identity import discovery
from guanxi.web.account import going

LEEWAY_SECONDS = 60
"""How far the clocks of the two servers may differ."""
_BROKEN = (OAuth2Error, requests.RequestException, KeyError, TypeError, ValueError)


class VerifyingAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's adapter, trusting nothing that is not signed by the configured issuer for this client."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The server's description of itself, which must name the configured issuer."""
        if not hasattr(self, "_openid_config"):
            issuer = self.get_provider().app.settings["server_url"]
            with get_adapter().get_requests_session() as session:
                try:
                    self._openid_config = discovery.read(issuer, session)
                except discovery.Mistaken as error:
                    raise OAuth2Error(str(error)) from error
        return self._openid_config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> Any:
        """The claims of the ID token, and of userinfo where it is about the same subject."""
        try:
            data: dict[str, Any] = {"id_token": self._decode_id_token(app, kwargs["response"]["id_token"])}
            if "userinfo_endpoint" in self.openid_config:
                info = self._fetch_user_info(token.token)
                if info.get("sub") != data["id_token"]["sub"]:
                    raise OAuth2Error("userinfo is about somebody else than the ID token")
                data["userinfo"] = info
            return self.get_provider().sociallogin_from_response(request, data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise OAuth2Error(f"the answer is not what it should be: {error!r}") from error

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims, if the issuer signed them for this client and they still hold."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(id_token),
                algorithms=list(discovery.ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the ID token is not valid: {error}") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the ID token is for another client")
        return claims

    def _key(self, id_token: str) -> Any:
        """The published key that the token names; the only one where it names none."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        wanted = jwt.get_unverified_header(id_token).get("kid")
        found = [key for key in keys if key.key_type != "oct" and (wanted is None or key.key_id == wanted)]
        if len(found) != 1:
            raise OAuth2Error("the ID token is signed with a key that the provider does not publish")
        return found[0]


@never_cache
@require_GET
def begin(request: HttpRequest, provider_id: int) -> HttpResponseBase:
    """Lead the person to the provider. Nothing in the address but ``next`` has a say."""
    provider = _provider(request, str(provider_id))[1]
    nonce = secrets.token_urlsafe(24)
    try:
        response: HttpResponse = provider.redirect(
            request, AuthProcess.LOGIN, next_url=going.goal(request), auth_params={"nonce": nonce}, nonce=nonce
        )
    except _BROKEN as error:
        return _refused(request, provider, error)
    return response


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: int) -> HttpResponseBase:
    """Where the provider sends the person back to."""
    adapter, provider = _provider(request, str(provider_id))
    try:
        response: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except _BROKEN as error:
        return _refused(request, provider, error)
    return response


def _provider(request: HttpRequest, provider_id: str) -> tuple[VerifyingAdapter, Any]:
    """The adapter and allauth's provider of an active identity provider; 404 for any other."""
    adapter = VerifyingAdapter(request, provider_id)
    try:
        provider = adapter.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    provider.oauth2_adapter_class = VerifyingAdapter
    return adapter, provider


def _refused(request: HttpRequest, provider: Any, error: Exception) -> HttpResponseBase:
    try:
        get_adapter().on_authentication_error(request, provider, exception=error)
    except ImmediateHttpResponse as told:
        response: HttpResponse = told.response
        return response
    raise error
