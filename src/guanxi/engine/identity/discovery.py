"""What an OpenID Connect server says of itself at its well-known address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from guanxi.engine.identity.provider import IdentityProvider

WELL_KNOWN = "/.well-known/openid-configuration"
SECONDS = 8
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the server can make; never those by a shared secret, never none."""


class Mistaken(Exception):
    """The server's description is not one, or is somebody else's. The message is for the log and the administrator."""


def address(issuer: str) -> str:
    """Where the description is."""
    return issuer.rstrip("/") + WELL_KNOWN


def read(issuer: str, session: requests.Session) -> dict[str, Any]:
    """The description. Raises :class:`Mistaken` or ``requests.RequestException``."""
    answer = session.get(address(issuer), timeout=SECONDS, allow_redirects=False)
    answer.raise_for_status()
    if answer.status_code != 200:
        raise Mistaken(f"the description leads elsewhere (status {answer.status_code})")
    return check(issuer, answer.json())


def check(issuer: str, described: Any) -> dict[str, Any]:
    """The description, if it is complete and the issuer's own."""
    if not isinstance(described, dict):
        raise Mistaken("the description is not an object")
    missing = [key for key in NEEDED if not isinstance(described.get(key), str)]
    if missing:
        raise Mistaken(f"the description lacks {', '.join(missing)}")
    if described["issuer"].rstrip("/") != issuer.rstrip("/"):
        raise Mistaken(f"the server calls itself {described['issuer'][:200]}, not {issuer}")
    return described


def test(provider: IdentityProvider) -> None:
    """Read the description and the keys as a sign-in would. Raises what :func:`read` raises."""
    with requests.Session() as session:
        described = read(provider.issuer, session)
        answer = session.get(described["jwks_uri"], timeout=SECONDS)
        answer.raise_for_status()
        if not (isinstance(keys := answer.json(), dict) and keys.get("keys")):
            raise Mistaken("the server publishes no keys, so that its word cannot be verified")
