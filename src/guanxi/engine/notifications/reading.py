"""A person's notices as they read them: only as far as the records they are about are still open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.notifications.kinds import kind_of
from guanxi.engine.notifications.tables import Notification
from guanxi.kernel import clock, prepared
from guanxi.kernel.labels import Label
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification as its reader sees it."""

    id: int
    created_at: datetime
    text: str
    object: str
    record: int | None
    read_at: datetime | None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Notices:
    """A page of notices, newest first; ``next`` is the cursor for older ones."""

    items: tuple[Notice, ...]
    next: int | None = None


def unread(actor: Actor) -> int:
    """How many notifications wait; at most 100 are counted."""
    return len(prepared.rows(_unread, actor.user_id)) if actor.user_id else 0


def _unread(person: int) -> QuerySet[Any]:
    return Notification.objects.filter(recipient_id=person, read_at=None, shown=True).values_list("pk")[:100]


def latest(actor: Actor, limit: int = 20) -> tuple[Notice, ...]:
    """The newest notifications."""
    return page(actor, limit).items


def page(actor: Actor, limit: int = 50, before: int | None = None, *, only_unread: bool = False) -> Notices:
    """A page of notifications, older than ``before``; of the unread ones only, if asked for."""
    rows = Notification.objects.filter(recipient_id=actor.user_id, shown=True)
    if only_unread:
        rows = rows.filter(read_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    items = as_read(actor, found[:limit])
    return Notices(items, items[-1].id if len(found) > limit else None)


def as_read(actor: Actor, rows: Sequence[Notification]) -> tuple[Notice, ...]:
    """Notices in the actor's language; of records that are closed to the actor by now nothing is told."""
    open_ones = _open(actor, rows)
    notices = []
    for row in rows:
        open_to = not _about_record(row) or (row.object, row.record) in open_ones
        text = (
            Label(row.text_en, row.text_zh).text(actor.language)
            if open_to
            else _("About a record that is no longer open to you.")
        )
        target = (row.object, row.record) if open_to else ("", None)
        notices.append(Notice(row.pk, row.created_at, text, *target, row.read_at, row.kind))
    return tuple(notices)


def still_open(actor: Actor, rows: Sequence[Notification]) -> list[Notification]:
    """The notices whose record the actor may see now."""
    open_ones = _open(actor, rows)
    return [row for row in rows if not _about_record(row) or (row.object, row.record) in open_ones]


def _about_record(row: Notification) -> bool:
    return kind_of(row.kind).about_record and bool(row.object) and row.record is not None


def _open(actor: Actor, rows: Iterable[Notification]) -> set[tuple[str, int]]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if _about_record(row) and row.record is not None:
            wanted.setdefault(row.object, set()).add(row.record)
    found: set[tuple[str, int]] = set()
    for key, ids in wanted.items():
        if key in snapshot().objects:
            seen = among(actor, snapshot().get(key), ids).values_list("pk", flat=True)
            found |= {(key, pk) for pk in seen}
    return found


def mark_read(actor: Actor, ids: Iterable[int] | None = None) -> int:
    """Mark the given notifications, or all, as read; how many changed."""
    rows = Notification.objects.filter(recipient_id=actor.user_id, read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=clock.now())


def mark_record_read(actor: Actor, object_key: str, record: int) -> int:
    """Mark what was told about a record as read: the person has opened it."""
    rows = Notification.objects.filter(recipient_id=actor.user_id, object=object_key, record=record, read_at=None)
    return rows.update(read_at=clock.now())
