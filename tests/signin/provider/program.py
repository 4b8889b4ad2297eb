"""A real OpenID Connect provider: django-oauth-toolkit as a small program of its own, on the loopback address.

``python -m tests.signin.provider.program PORT FOLDER``. It makes an RS256 key at its start, demands PKCE, and signs in
whoever was told to it at ``/control/person``. A person may carry a ``tamper``: then these tokens are forged in that way.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

PEOPLE: dict[str, dict[str, Any]] = {}
"""Claims by user name."""


def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.private_bytes(*form).decode()


def configure(port: int, folder: str) -> None:
    settings.configure(
        SECRET_KEY="provider",
        ALLOWED_HOSTS=["localhost"],
        ROOT_URLCONF="tests.signin.provider.program",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        SESSION_COOKIE_NAME="provider_session",
        LOGIN_URL="/login",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": key(),
            "OIDC_ISS_ENDPOINT": f"http://localhost:{port}/o",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "sign in", "profile": "profile", "email": "mail"},
            "OAUTH2_VALIDATOR_CLASS": "tests.signin.provider.program.Validator",
        },
    )
    django.setup()


def validator() -> Any:
    """django-oauth-toolkit's validator, with the claims of the person and, where wanted, with forgeries."""
    from jwcrypto import jwk, jwt
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Forger(OAuth2Validator):  # type: ignore[misc]
        oidc_claim_scope = None

        def get_additional_claims(self, request: Any) -> dict[str, Any]:
            told = PEOPLE[request.user.username]
            return {name: value for name, value in told.items() if name != "tamper"}

        def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
            claims: dict[str, Any] = super().get_userinfo_claims(request)
            if PEOPLE[request.user.username].get("tamper") == "userinfo":
                claims["sub"] = "somebody-else"
            return claims

        def finalize_id_token(self, id_token: Any, token: Any, token_handler: Any, request: Any) -> Any:
            signed = super().finalize_id_token(id_token, token, token_handler, request)
            tamper = PEOPLE[request.user.username].get("tamper")
            if tamper in (None, "userinfo"):
                return signed
            own = request.client.jwk_key
            read = jwt.JWT(jwt=signed, key=own)
            header, claims = json.loads(read.header), json.loads(read.claims)
            changed: dict[str, dict[str, Any]] = {
                "issuer": {"iss": "https://evil.example/o"},
                "audience": {"aud": "another-client"},
                "party": {"azp": "another-client"},
                "nonce": {"nonce": "another"},
                "expired": {"exp": int(time.time()) - 3600},
            }
            claims |= changed.get(tamper, {})
            if tamper == "none":
                parts = [{"alg": "none", "typ": "JWT"}, claims]
                return ".".join([*(_encoded(part) for part in parts), ""])
            signer = own
            if tamper == "signature":
                signer = jwk.JWK.generate(kty="RSA", size=2048)
            if tamper == "symmetric":
                # The classic confusion: the public key, which everybody has, taken as a shared secret.
                header["alg"] = "HS256"
                signer = jwk.JWK(kty="oct", k=_plain(own.export_to_pem()))
            forged = jwt.JWT(header=json.dumps(header), claims=json.dumps(claims))
            forged.make_signed_token(signer)
            return forged.serialize()

    return Forger


def _encoded(part: Any) -> str:
    return _plain(json.dumps(part).encode())


def _plain(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def login(request: Any) -> Any:
    from django.contrib.auth import get_user_model
    from django.contrib.auth import login as remember
    from django.http import HttpResponse, HttpResponseRedirect
    from django.utils.html import escape

    if request.method == "POST" and request.POST["username"] in PEOPLE:
        found = get_user_model().objects.get(username=request.POST["username"])
        remember(request, found, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(request.POST["next"])
    goal = escape(request.GET.get("next", ""))
    return HttpResponse(
        f'<form method="post" action="/login"><input name="username"><input type="hidden" name="next" value="{goal}">'
        "<button>Sign in</button></form>"
    )


def person(request: Any) -> Any:
    from django.contrib.auth import get_user_model
    from django.http import HttpResponse

    told = json.loads(request.body)
    PEOPLE[told["username"]] = told["claims"]
    get_user_model().objects.get_or_create(username=told["username"])
    return HttpResponse(status=204)


def client(request: Any) -> Any:
    from django.http import HttpResponse
    from oauth2_provider.models import Application

    told = json.loads(request.body)
    Application.objects.update_or_create(
        client_id=told["client_id"],
        defaults={
            "name": "Guanxi",
            "client_secret": told["client_secret"],
            "client_type": "confidential",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": told["redirect_uri"],
            "skip_authorization": True,
            "algorithm": "RS256",
        },
    )
    return HttpResponse(status=204)


def nothing(request: Any) -> Any:
    from django.http import HttpResponse

    return HttpResponse(status=204)


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def main() -> None:
    port, folder = int(sys.argv[1]), sys.argv[2]
    configure(port, folder)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet).serve_forever()


def _addresses() -> list[Any]:
    from django.urls import include, path

    return [
        path("o/", include("oauth2_provider.urls")),
        path("login", login),
        path("control/person", person),
        path("control/client", client),
        path("favicon.ico", nothing),
    ]


def __getattr__(name: str) -> Any:
    # Only when Django asks, after its settings are there: this module is also the program that makes them.
    if name == "urlpatterns":
        return _addresses()
    if name == "Validator":
        return validator()
    raise AttributeError(name)


if __name__ == "__main__":
    sys.modules["tests.signin.provider.program"] = sys.modules["__main__"]
    main()
