"""Signed links by which somebody sets a password without knowing the present one: for whom, how long, and only once."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from guanxi.access.models import User
from guanxi.engine.identity.links import directory_person


@dataclass(frozen=True, slots=True)
class Purpose:
    """What links are for, and for how many seconds they hold."""

    key: str
    seconds: int


INVITATION = Purpose("invitation", 7 * 86400)
FORGOTTEN = Purpose("forgotten", 3600)


def token(person: User, purpose: Purpose) -> str:
    """A text for an address. It dies with time, and as soon as the person's password or state changes."""
    return signing.dumps([person.pk, _state(person)], salt=_salt(purpose))


def person_of(text: str, purpose: Purpose) -> User | None:
    """The person of a link that still holds."""
    try:
        number, state = signing.loads(text, salt=_salt(purpose), max_age=purpose.seconds)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=number, is_active=True, deleted_at=None).first()
    if person is None or directory_person(person.pk):
        return None  # whom a directory vouches for has no password here to set
    return person if constant_time_compare(state, _state(person)) else None


def _salt(purpose: Purpose) -> str:
    return f"guanxi.link.{purpose.key}"


def _state(person: User) -> str:
    """Changes with the password, so that a link works once and every older link with it."""
    told = f"{person.pk}:{person.password}:{person.email}:{person.username}"
    return salted_hmac("guanxi.link", told, algorithm="sha256").hexdigest()[:32]
