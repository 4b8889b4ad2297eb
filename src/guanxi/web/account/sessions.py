"""Sessions in the database, as Django keeps them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.backends import db as kept
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from guanxi.kernel import prepared


class SessionStore(kept.SessionStore):
    """Django's store; the session of a request is looked up by a prepared question."""

    def _get_session_from_db(self) -> Session | None:
        # By the clock that Django sets the end of a session by.
        found = prepared.record(_session, str(self.session_key), timezone.now())
        if found is None:
            self._session_key = None
        return found


def _session(key: str, now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)
