"""Writing the audit log, and proving that nothing in it was changed or removed."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from guanxi.access.events import AuditEvent, AuditHead
from guanxi.kernel import clock, db
from guanxi.kernel.text import UNSTORABLE, search_key

if TYPE_CHECKING:
    from guanxi.access.actor import Actor

_SALT = "guanxi.audit"
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from."""

    address: str = ""
    agent: str = ""


_origin: ContextVar[Origin] = ContextVar("guanxi_origin", default=Origin())  # noqa: B039  immutable


@contextmanager
def origin(address: str, agent: str) -> Iterator[None]:
    """Run the block on behalf of a caller at this address."""
    token = _origin.set(Origin(address[:64], _clean(agent, 200)))
    try:
        yield
    finally:
        _origin.reset(token)


def address() -> str:
    """The address of the caller on whose behalf the program works; empty where there is none."""
    return _origin.get().address


def note(
    event: str,
    actor: Actor | None = None,
    *,
    person: int | None = None,
    name: str = "",
    object_key: str = "",
    record: int | None = None,
    detail: str = "",
) -> AuditEvent:
    """Add an event (a key of ``events.EVENTS``) to the chain, within the running transaction if there is one.

    ``person`` and ``name`` default to those of the actor; give ``name`` alone for somebody who is not (yet) known.
    """
    source = _origin.get()
    with db.atomic():
        head = AuditHead.objects.select_for_update().filter(pk=1).first() or AuditHead(pk=1, digest=_START)
        added = AuditEvent(
            at=clock.now(),
            event=event,
            person_id=person if person is not None else (actor.user_id if actor else None),
            name=_clean(name or (actor.name if actor else ""), 160),
            object=object_key[:63],
            record=record,
            detail=_clean(detail, 4000),
            address=source.address,
            agent=source.agent,
            sequence=head.count + 1,
            previous=head.digest,
        )
        added.created_at = added.updated_at = added.at
        added.search_key = search_key([added.name, added.detail, added.address])
        added.digest = _digest(added, settings.SECRET_KEY)
        added.save(force_insert=True)
        head.count, head.digest = added.sequence, added.digest
        head.seal = _seal(head, settings.SECRET_KEY)
        head.save()
    return added


@dataclass(frozen=True, slots=True)
class Finding:
    """The first place where the chain is broken, or that it holds."""

    holds: bool
    count: int
    sequence: int | None = None
    reason: str = ""
    """``changed``, ``missing``, ``reordered``, ``cut``, ``head`` or ``unknown``."""
    digest: str = ""
    """Digest of the last event: keep it elsewhere to prove later that nothing before was rewritten."""


def verify(expected_digest: str = "") -> Finding:
    """Walk the whole chain. Events written before a change of the secret key are checked with the fallback keys.

    With the digest of an event noted earlier the chain must still hold that event: somebody who has the key could write the
    whole log anew, but not with that digest in it.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    previous, expected, met = _START, 1, not expected_digest
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            return Finding(False, expected - 1, expected, "missing")
        if event.previous != previous:
            return Finding(False, expected - 1, expected, "reordered")
        if not any(hmac.compare_digest(event.digest, _digest(event, key)) for key in keys):
            return Finding(False, expected - 1, expected, "changed")
        previous, expected = event.digest, expected + 1
        met = met or event.digest == expected_digest
    count = expected - 1
    head = AuditHead.objects.filter(pk=1).first() or AuditHead(pk=1, digest=_START)
    if head.count != count or head.digest != previous:
        return Finding(False, count, count + 1, "cut")
    if count and not any(hmac.compare_digest(head.seal, _seal(head, key)) for key in keys):
        return Finding(False, count, count, "head")
    if not met:
        return Finding(False, count, count, "unknown")
    return Finding(True, count, digest=previous)


def _digest(event: AuditEvent, secret: str | bytes) -> str:
    told: list[Any] = [
        *(event.previous, event.sequence, event.at.isoformat(), event.event, event.person_id, event.name),
        *(event.object, event.record, event.detail, event.address, event.agent),
    ]
    return _keyed(json.dumps(told, ensure_ascii=False, separators=(",", ":")), secret)


def _seal(head: AuditHead, secret: str | bytes) -> str:
    return _keyed(f"{head.count}:{head.digest}", secret)


def _keyed(text: str, secret: str | bytes) -> str:
    return salted_hmac(_SALT, text, secret=secret, algorithm="sha256").hexdigest()


def _clean(text: str, length: int) -> str:
    """Only what every database stores and a line can show."""
    return UNSTORABLE.sub("", text)[:length]
