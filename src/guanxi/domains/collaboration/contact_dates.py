"""Keeps "last contact" and "next contact" of every record that follow-ups are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from guanxi.domains.collaboration.about import PEOPLE, split
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft, WriteDoor

LAST, NEXT = "last_contacted_at", "next_contact_on"
SILENT = ("note",)
"""Kinds of follow-up that are no contact with the customer."""
BATCH = 5_000


def update_dates(drafts: Sequence[Draft], activities: QuerySet[Any], door: WriteDoor) -> None:
    """Bring the dates of all records touched by the drafts up to date; one read and one write per object and batch.

    The last contact is the newest live follow-up of ``activities``, so that a follow-up that was moved or thrown away
    counts no longer; they are only looked through where that happened, for there may be very many. The next contact is
    the one the newest draft names; a contact without one clears a date that has come.
    """
    touched: dict[str, dict[int, list[Draft]]] = defaultdict(lambda: defaultdict(list))
    for draft in sorted(drafts, key=_moment):
        for object_key, record_id in _targets(draft):
            touched[object_key][record_id].append(draft)
    objects = registry.snapshot().objects
    program = door.as_program()
    for object_key, records in sorted(touched.items()):  # in one order, or two at once would wait for each other's
        kind = objects.get(object_key)
        if kind is not None and LAST in kind.fields and NEXT in kind.fields:
            ids = sorted(records)
            for start in range(0, len(ids), BATCH):
                part = {pk: records[pk] for pk in ids[start : start + BATCH]}
                if changes := _changes(kind, part, activities):
                    program.update_each(object_key, changes)


def _moment(draft: Draft) -> datetime:
    moment: datetime = draft.get("happened_at")
    return moment


def _targets(draft: Draft) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for read in (draft.get, draft.was):
        found |= {(key, read(key)) for key in PEOPLE if read(key) is not None}
        if read("about"):
            found.add(split(read("about")))
    return found


def _changes(kind: ObjectType, records: dict[int, list[Draft]], activities: QuerySet[Any]) -> dict[int, dict[str, Any]]:
    rows: QuerySet[Any] = kind.model._default_manager.filter(pk__in=list(records), deleted_at=None).order_by("pk")
    # Locked before anything is compared, or else the older one of two at once might be the last to write.
    held = list(rows.select_for_update(no_key=True).values_list("pk", LAST, NEXT))
    looked = {pk for pk, _last, _due in held if not all(draft.created for draft in records[pk])}
    newest = _newest(kind, looked, activities) if looked else {}
    changes: dict[int, dict[str, Any]] = {}
    for pk, last, due in held:
        change: dict[str, Any] = {}
        wanted = newest.get(pk) if pk in looked else _newer(last, records[pk])
        if wanted != last:
            change[LAST] = wanted
        if (then := _next_contact(records[pk], due)) != due:
            change[NEXT] = then
        if change:
            changes[pk] = change
    return changes


def _newer(last: datetime | None, drafts: Sequence[Draft]) -> datetime | None:
    """The last contact after some new follow-ups more."""
    moments = [_moment(draft) for draft in drafts if draft.get("kind") not in SILENT]
    return max(moments if last is None else [last, *moments], default=None)


def _newest(kind: ObjectType, ids: Iterable[int], activities: QuerySet[Any]) -> dict[int, datetime]:
    """The moment of the newest contact per record, over the lookup of the record's object and over references."""
    live = activities.filter(deleted_at=None).exclude(kind__in=SILENT).order_by()
    references = {f"{kind.key}:{pk}": pk for pk in ids}
    rows = live.filter(about__in=list(references)).values("about").annotate(newest=Max("happened_at"))
    newest: dict[int, datetime] = {references[row["about"]]: row["newest"] for row in rows}
    if kind.key in PEOPLE:
        column = f"{kind.key}_id"
        for row in live.filter(**{f"{column}__in": list(ids)}).values(column).annotate(newest=Max("happened_at")):
            newest[row[column]] = max(row["newest"], newest.get(row[column], row["newest"]))
    return newest


def _next_contact(drafts: Sequence[Draft], due: date | None) -> date | None:
    """The next contact date after these follow-ups (oldest first)."""
    for draft in drafts:
        if draft.get(NEXT) is not None and (draft.created or draft.changed(NEXT)):
            due = draft.get(NEXT)
        elif draft.created and draft.get("kind") not in SILENT and due is not None:
            happened = timezone.localtime(_moment(draft)).date()
            due = None if due <= happened else due
    return due
