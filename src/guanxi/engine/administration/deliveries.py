"""Looking after the journal's consumers and their deliveries: how far they are, what failed and why, and trying again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.journal import consumers, cursors, replaying
from guanxi.journal.cursors import Lag
from guanxi.journal.models import Delivery
from guanxi.kernel import db
from guanxi.kernel.errors import NotFound, Refused
from guanxi.kernel.text import UNSTORABLE

STATUSES = (Delivery.WAITING, Delivery.DONE, Delivery.DEAD)
SIZE = 50
MOST = 1000
"""Deliveries that may be chosen one by one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries to show; empty means all."""

    status: str = ""
    consumer: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A target with what waits for it."""

    consumer: str
    target: str
    title: str
    waiting: int
    dead: int


def need_administrator(actor: Actor) -> None:
    """Raise :class:`Refused` unless the actor administrates everything: deliveries hold data of any record."""
    limited = actor.allowed is not None and "administrate" not in actor.allowed
    if not actor.is_administrator or limited or actor.observer is not None:
        raise Refused(_("This page is for administrators."))


def lags(actor: Actor) -> list[Lag]:
    """How far each consumer is behind, and what waits or is dead."""
    need_administrator(actor)
    return cursors.lags(consumers.names())


def page(actor: Actor, wanted: Filter, before: int | None = None) -> tuple[list[Delivery], bool]:
    """The newest deliveries (older than the one given), at most 50, and whether there are more."""
    need_administrator(actor)
    rows = Delivery.objects.order_by("-id")
    for name in ("status", "consumer", "target"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: UNSTORABLE.sub("", value)})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.defer("request", "response")[: SIZE + 1])
    return found[:SIZE], len(found) > SIZE


def troubled(actor: Actor) -> list[Target]:
    """The targets for which something waits or is dead, by name."""
    need_administrator(actor)
    rows = Delivery.objects.filter(status__in=(Delivery.WAITING, Delivery.DEAD))
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows.order_by().values("consumer", "target", "status").annotate(number=Count("pk")):
        counts.setdefault((row["consumer"], row["target"]), {})[row["status"]] = row["number"]
    titles = titles_of(list(counts))
    found = [
        Target(consumer, target, titles[consumer, target], each.get(Delivery.WAITING, 0), each.get(Delivery.DEAD, 0))
        for (consumer, target), each in counts.items()
    ]
    return sorted(found, key=lambda one: (-one.dead, -one.waiting, one.consumer, one.title))


def titles_of(targets: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What targets are called, by consumer and target; as they are where the consumer has no names for them."""
    titles = {pair: pair[1] or _("the consumer itself") for pair in targets}
    for consumer in consumers.deliveries():
        own = [target for name, target in titles if name == consumer.name and target]
        named = getattr(consumer, "titles", None)
        if own and named is not None:
            titles |= {(consumer.name, target): title for target, title in named(own).items()}
    return titles


def get(actor: Actor, delivery_id: int) -> Delivery:
    """One delivery with its entry."""
    need_administrator(actor)
    found = Delivery.objects.filter(pk=delivery_id).select_related("entry").first() if delivery_id < 2**63 else None
    if found is None:
        raise NotFound(_("There is no such delivery; those done more than 30 days ago are forgotten."))
    return found


def replay(actor: Actor, ids: Sequence[int]) -> int:
    """Let deliveries go again; how many."""
    need_administrator(actor)
    with db.atomic():
        number = replaying.replay(ids[:MOST])
        _note(actor, f"{number}: {', '.join(str(pk) for pk in ids[:50])}")
    return number


def replay_dead(actor: Actor, consumer: str, target: str | None = None) -> int:
    """Let all dead deliveries of a consumer, or of one of its targets, go again; how many."""
    need_administrator(actor)
    with db.atomic():
        number = replaying.replay_dead(UNSTORABLE.sub("", consumer), target and UNSTORABLE.sub("", target))
        _note(actor, f"{number}: dead, {consumer} {target or ''}".strip())
    return number


def replay_since(actor: Actor, consumer: str, since: datetime, target: str | None = None) -> int:
    """Let everything since a moment go again; how many deliveries."""
    need_administrator(actor)
    with db.atomic():
        number = replaying.replay_since(consumer, since, target and UNSTORABLE.sub("", target))
        _note(actor, f"{number}: since {since.isoformat()}, {consumer} {target or ''}".strip())
    return number


def _note(actor: Actor, detail: str) -> None:
    audit.note("deliveries_replayed", actor, detail=detail)


def in_words(code: str, detail: str = "") -> str:
    """Why an attempt failed, in a sentence; empty when it did not."""
    words = {
        "timeout": _("The receiver did not answer in time."),
        "connection": _("No connection to the receiver."),
        "tls": _("The receiver's certificate is not trusted, or not for its name."),
        "name": _("The receiver's name is not known."),
        "address": _("The receiver is not on the public Internet, and not on the list of allowed hosts."),
        "url": _("The address cannot be used."),
        "status": _("The receiver answered with status %(status)s."),
        "gone": _("The receiver says that it is gone for good (410)."),
        "off": _("The webhook was switched off."),
        "missing": _("The webhook no longer exists."),
        "responsible": _("The webhook has no active responsible person."),
        "program": _("The program failed on this entry."),
    }
    if not code:
        return _("Nothing was sent: the responsible person may no longer see the record.") if detail == "unseen" else ""
    return words.get(code, code) % {"status": detail}
