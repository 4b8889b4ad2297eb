"""Questions about who is linked to which provider."""

from __future__ import annotations

from guanxi.engine.identity.provider import IdentityLink, IdentityProvider


def active(kind: str) -> list[IdentityProvider]:
    """The providers of a kind that people may sign in through, in the order of the sign-in page."""
    return list(IdentityProvider.objects.filter(kind=kind, is_active=True, deleted_at=None).order_by("position", "pk"))


def directory_person(user_id: int) -> bool:
    """Whether an LDAP directory vouches for the person, whose local password then opens nothing."""
    return IdentityLink.objects.filter(person=user_id, provider__kind="ldap", provider__deleted_at=None).exists()
