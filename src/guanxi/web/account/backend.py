"""Who a name and a password belong to, and whether the person of a session still exists."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest

from guanxi.access.models import User
from guanxi.engine.identity.links import directory_person
from guanxi.kernel import prepared


class PasswordBackend(ModelBackend):
    """Passwords of people, by user name or mail address. Whoever is deactivated or deleted is nobody at once."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """The person, or ``None``. An unknown name costs one hash like a known one, so that time tells nothing."""
        if not username or not password:
            return None
        person = person_called(username)
        # Of somebody whom a directory vouches for, a password kept here opens nothing.
        if person is None or not person.has_usable_password() or directory_person(person.pk):
            User().set_password(password)
            return None
        right = person.check_password(password)
        return person if right and self.user_can_authenticate(person) else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, looked up at every request; ``None`` who may not stay."""
        person = prepared.record(_person, int(user_id))
        return person if person is not None and self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: Any) -> bool:
        """Whether the person may sign in, and stay."""
        return bool(user.is_active) and user.deleted_at is None


def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


def person_called(name: str) -> User | None:
    """The person with this user name or, if only one has it, mail address; upper and lower case alike."""
    name = unicodedata.normalize("NFKC", name).strip()
    if not name or len(name) > 254 or "\x00" in name:
        return None
    found = list(User.objects.filter(username__iexact=name, deleted_at=None)[:2])
    if len(found) != 1 and "@" in name:
        found = list(User.objects.filter(email__iexact=name, deleted_at=None, is_active=True)[:2])
    return found[0] if len(found) == 1 else None
