"""A person's notifications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from guanxi.access.actor import Actor
from guanxi.engine.models import Notification
from guanxi.kernel import clock
from guanxi.kernel.labels import Label


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification as its reader sees it."""

    id: int
    created_at: datetime
    text: str
    object: str
    record: int | None
    read_at: datetime | None


def notify(recipients: Iterable[int], text: Label, object_key: str = "", record: int | None = None) -> None:
    """Tell people something about a record; they read it in their own language."""
    Notification.objects.bulk_create(
        [
            Notification(
                recipient_id=person,
                created_at=clock.now(),
                text_en=text.en[:300],
                text_zh=text.zh[:300],
                object=object_key,
                record=record,
            )
            for person in set(recipients)
        ]
    )


def unread(actor: Actor) -> int:
    """How many notifications wait; at most 100 are counted."""
    return Notification.objects.filter(recipient_id=actor.user_id, read_at=None)[:100].count()


def latest(actor: Actor, limit: int = 20) -> tuple[Notice, ...]:
    """The newest notifications."""
    rows = Notification.objects.filter(recipient_id=actor.user_id).order_by("-id")[:limit]
    return tuple(
        Notice(
            row.pk,
            row.created_at,
            Label(row.text_en, row.text_zh).text(actor.language),
            row.object,
            row.record,
            row.read_at,
        )
        for row in rows
    )


def mark_read(actor: Actor, ids: Iterable[int] | None = None) -> int:
    """Mark the given notifications, or all, as read; how many changed."""
    rows = Notification.objects.filter(recipient_id=actor.user_id, read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=clock.now())
