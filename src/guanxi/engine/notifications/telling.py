"""Telling people something: each in the ways they chose, and many changes of one thing in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings

from guanxi.access.models import User
from guanxi.engine.notifications.choices import choices_of
from guanxi.engine.notifications.kinds import APP, DIGEST, KINDS, MAIL, OTHER
from guanxi.engine.notifications.tables import Notification
from guanxi.kernel import clock
from guanxi.kernel.labels import Label

LENGTH = 300
_muted: ContextVar[bool] = ContextVar("guanxi_muted", default=False)


@contextmanager
def muted() -> Iterator[None]:
    """Tell nobody anything in the block: whoever writes many batches tells once, at the end."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


@dataclass(frozen=True)
class Telling:
    """One thing to tell one person. ``text`` says it for a number of changes, which may grow while nobody reads it."""

    recipient: int
    kind: str
    text: Callable[[int], Label]
    object: str = ""
    record: int | None = None
    gathering: str = ""
    """Unread notices of one person with the same gathering become one."""
    count: int = 1


def notify(
    recipients: Iterable[int], text: Label, object_key: str = "", record: int | None = None, *, kind: str = OTHER
) -> None:
    """Tell people something about a record; they read it in their own language, in the ways they chose for the kind."""
    tell([Telling(person, kind, lambda _count: text, object_key, record) for person in set(recipients)])


def tell(tellings: Sequence[Telling]) -> None:
    """Tell people several things."""
    if not tellings or _muted.get():
        return
    people = User.objects.filter(pk__in={one.recipient for one in tellings}, is_active=True, deleted_at=None)
    chosen = {pk: choices_of(preferences) for pk, preferences in people.values_list("pk", "preferences")}
    mails = getattr(settings, "GUANXI", None) is not None and settings.GUANXI.mail is not None
    held = _waiting(tellings)
    new: list[Notification] = []
    for one in tellings:
        channels = (
            chosen[one.recipient].channels[one.kind if one.kind in KINDS else OTHER] if one.recipient in chosen else ()
        )
        if not channels:
            continue
        old = held.get((one.recipient, one.gathering)) if one.gathering else None
        if old is not None:
            _add(old, one)
            continue
        mail = "now" if MAIL in channels else DIGEST if DIGEST in channels else ""
        notice = Notification(
            recipient_id=one.recipient,
            kind=one.kind,
            object=one.object,
            record=one.record,
            gathering=one.gathering,
            shown=APP in channels,
            mail=mail if mails else "",
        )
        _say(notice, one, one.count)
        new.append(notice)
        if one.gathering:
            held[(one.recipient, one.gathering)] = notice
    Notification.objects.bulk_create(new)


def _waiting(tellings: Sequence[Telling]) -> dict[tuple[int, str], Notification]:
    """Unread notices, in no mail yet, that more can be added to."""
    gatherings = {one.gathering for one in tellings if one.gathering}
    if not gatherings:
        return {}
    people = {one.recipient for one in tellings}
    rows = Notification.objects.filter(recipient__in=people, read_at=None, mailing=None, gathering__in=gatherings)
    return {(row.recipient_id, row.gathering): row for row in rows.select_for_update()}


def _add(notice: Notification, one: Telling) -> None:
    _say(notice, one, notice.count + one.count)
    if notice.pk is not None:
        notice.save(update_fields=["count", "text_en", "text_zh", "created_at"])


def _say(notice: Notification, one: Telling, count: int) -> None:
    text = one.text(count)
    notice.count, notice.created_at = count, clock.now()
    notice.text_en, notice.text_zh = text.en[:LENGTH], text.zh[:LENGTH]
