"""Reading the claims of a verified ID token and of the userinfo that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.engine.identity.claims import Claims
from guanxi.engine.identity.provider import IdentityProvider
from guanxi.kernel.text import UNSTORABLE


def read(provider: IdentityProvider, told: Mapping[str, Any]) -> Claims:
    """The person as the provider knows them. What userinfo says goes before what the token says."""
    token, info = told.get("id_token") or {}, told.get("userinfo") or {}
    sources = [source for source in (info, token) if isinstance(source, Mapping)]
    mail = _text(sources, provider.mail_claim)
    return Claims(
        subject=str(token.get("sub") or ""),
        username=_text(sources, provider.username_claim),
        name=_text(sources, provider.name_claim),
        mail=mail,
        mail_verified=provider.mail_claim == "email" and any(_vouches(source, mail) for source in sources),
        department=_text(sources, provider.department_claim),
        groups=_texts(sources, provider.groups_claim),
    )


def _vouches(source: Mapping[str, Any], mail: str) -> bool:
    """Whether this very source names the address and says that it is verified (some providers write it as a text)."""
    return source.get("email") == mail and source.get("email_verified") in (True, "true")


def _text(sources: list[Mapping[str, Any]], path: str) -> str:
    value = _value(sources, path)
    if isinstance(value, list) and value:
        value = value[0]
    return UNSTORABLE.sub("", value).strip() if isinstance(value, str) else ""


def _texts(sources: list[Mapping[str, Any]], path: str) -> tuple[str, ...]:
    value = _value(sources, path)
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, str))[:1000]


def _value(sources: list[Mapping[str, Any]], path: str) -> Any:
    """The claim called ``path``, or the one it leads to by its dots."""
    if not path:
        return None
    for source in sources:
        if path in source:
            return source[path]
        found: Any = source
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is not None:
            return found
    return None
