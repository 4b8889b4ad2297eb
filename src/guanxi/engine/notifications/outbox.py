"""The mails that carry notices: put together, claimed, handed to the mail server, never twice.

A mail is claimed and that is committed before the server is spoken to. Where the server refused, or was never reached,
the mail is tried again; where the program ended in between, nobody knows whether the mail arrived, and it stays unsent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.engine.notifications.choices import Choices, choices_of
from guanxi.engine.notifications.kinds import DIGEST
from guanxi.engine.notifications.reading import Notice, as_read, still_open
from guanxi.engine.notifications.tables import NoticeMail, Notification
from guanxi.kernel import clock, db

SETTLE = timedelta(seconds=5)
"""Notices that come within so short a time share a mail."""
WAITS = (1, 5, 15, 60, 180, 360, 720)
"""Minutes between attempts; afterwards the last of them again."""
GIVE_UP = timedelta(days=3)
LOST = timedelta(minutes=10)
"""A mail claimed so long ago: its worker has ended."""
MOST = 200
"""Notices in one mail."""
LOCK = "notice mails"

log = logging.getLogger("guanxi.notices")


class NotSent(Exception):
    """The server was not reached or refused for now: the mail certainly did not go out."""


class Refused(Exception):
    """The server will never take this mail."""


@dataclass(frozen=True)
class Letter:
    """One mail to be composed: to whom, and what it says."""

    key: str
    digest: bool
    actor: Actor
    address: str
    name: str
    notices: tuple[Notice, ...]
    total: int


Send = Callable[[Letter], None]
"""Hands a letter to the mail server; raises :class:`NotSent` or :class:`Refused` where it certainly did not go out."""


def send_due(send: Send) -> int:
    """Put together and send what is due now; how many mails went out."""
    _gather()
    sent = 0
    while (mail := _claim()) is not None:
        sent += _deliver(mail, send)
    return sent


def _gather() -> None:
    """Put waiting notices into mails, one per person: those to go at once, and those of the daily mail that is due."""
    waiting = Notification.objects.filter(mailing=None).exclude(mail="")
    rows = waiting.order_by().values_list("recipient_id", "mail").annotate(Max("created_at"))
    due = [(person, mail) for person, mail, latest in rows if mail == DIGEST or latest <= clock.now() - SETTLE]
    if not due:
        return
    people = {user.pk: user for user in User.objects.filter(pk__in={person for person, _mail in due})}
    for person, mail in due:
        user = people[person]
        if mail == DIGEST:
            moment = digest_moment(choices_of(user.preferences), actor_for(user), clock.now())
            _put_together(user, f"digest:{person}:{moment.date().isoformat()}", Q(mail=mail, created_at__lte=moment))
        else:
            _put_together(user, "", Q(mail=mail))


def digest_moment(choices: Choices, actor: Actor, now: datetime) -> datetime:
    """The last moment, in the person's own time, at which a daily mail was due."""
    local = now.astimezone(actor.zone)
    day = local.date()
    while True:
        moment = datetime.combine(day, choices.moment, actor.zone)
        if moment <= local and (choices.days == "daily" or day.weekday() < 5):
            return moment
        day -= timedelta(days=1)


def _put_together(user: User, key: str, which: Q) -> None:
    with db.atomic():
        db.lock(LOCK)
        rows = Notification.objects.filter(which, recipient=user, mailing=None).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:5000])
        if not ids:
            return
        key = key or f"now:{user.pk}:{ids[-1]}"
        if NoticeMail.objects.filter(key=key).exists():
            return
        mail = NoticeMail.objects.create(person=user, key=key, created_at=clock.now(), next_at=clock.now())
        Notification.objects.filter(pk__in=ids).update(mailing=mail)


def _claim() -> NoticeMail | None:
    """Take one mail; from here on nobody else sends it."""
    now = clock.now()
    with db.atomic():
        lost = NoticeMail.objects.filter(state=NoticeMail.SENDING, next_at__lte=now - LOST)
        lost.update(state=NoticeMail.UNCERTAIN, finished_at=now, error="The program ended while sending.")
        rows = NoticeMail.objects.filter(state=NoticeMail.WAITING, next_at__lte=now).order_by("next_at")
        mail = rows.select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        mail.state, mail.next_at, mail.attempts = NoticeMail.SENDING, now, mail.attempts + 1
        mail.save(update_fields=["state", "next_at", "attempts"])
        return mail


def _deliver(mail: NoticeMail, send: Send) -> int:
    letter = _letter(mail)
    if letter is None:
        return _end(mail, NoticeMail.FAILED, "There was nothing to say.")
    try:
        send(letter)
    except Refused as error:
        log.warning("The mail server refuses a notice for person %s: %s", mail.person_id, error)
        return _end(mail, NoticeMail.FAILED, str(error))
    except NotSent as error:
        return _later(mail, str(error))
    except Exception as error:
        log.exception("It is uncertain whether a notice for person %s was sent", mail.person_id)
        return _end(mail, NoticeMail.UNCERTAIN, f"{type(error).__name__}: {error}")
    _end(mail, NoticeMail.SENT)
    return 1


def _letter(mail: NoticeMail) -> Letter | None:
    """What the mail says at this moment; ``None`` where there is nothing, or nobody, left to tell."""
    user = User.objects.filter(pk=mail.person_id, is_active=True, deleted_at=None).first()
    if user is None or not user.email:
        return None
    actor = actor_for(user)
    digest = mail.key.startswith(DIGEST)
    rows = Notification.objects.filter(mailing=mail).order_by("-pk")
    held: Sequence[Notification] = list(rows.filter(Q(read_at=None) | Q(shown=False)) if digest else rows)
    held = still_open(actor, held)
    if not held:
        return None
    notices = as_read(actor, held[:MOST])
    return Letter(mail.key, digest, actor, str(user.email), user.name, notices, len(held))


def _later(mail: NoticeMail, error: str) -> int:
    now = clock.now()
    if now - mail.created_at > GIVE_UP:
        return _end(mail, NoticeMail.FAILED, error)
    wait = timedelta(minutes=WAITS[min(mail.attempts, len(WAITS)) - 1])
    NoticeMail.objects.filter(pk=mail.pk).update(state=NoticeMail.WAITING, next_at=now + wait, error=error[:300])
    return 0


def _end(mail: NoticeMail, state: str, error: str = "") -> int:
    NoticeMail.objects.filter(pk=mail.pk).update(state=state, finished_at=clock.now(), error=error[:300])
    return 0
