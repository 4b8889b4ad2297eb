"""What a person can do with a webhook: try it, see its secret once, exchange the secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from guanxi.domains.integration import webhook_secret
from guanxi.domains.integration.webhook_events import TESTED
from guanxi.domains.integration.webhook_rules import check_responsible
from guanxi.kernel import clock
from guanxi.schema.declaration import Outcome
from guanxi.schema.record import Record
from guanxi.schema.rules import WriteDoor

OVERLAP_HOURS = 24


def send_test(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """A test event goes the way of every other: journaled, delivered, listed."""
    check_responsible(door.actor, _responsible(record))
    recorder: Any = getattr(door, "recorder")  # noqa: B009  the door's own, not part of what rules may ask
    recorder.record("webhook", TESTED, [(record.pk, {}, None)])
    return Outcome(
        _("A test event is on its way. What the receiver says appears under Administration → Deliveries and journal."),
        ("webhook", record.pk),
    )


def unseen(record: Record) -> bool:
    """Whether nobody has seen the present secret."""
    return not getattr(record, "secret_seen", False)


def show_secret(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The secret, once."""
    check_responsible(door.actor, _responsible(record))
    door.as_program().update("webhook", record.pk, {"secret_seen": True})
    secret = record.secret_in_force()[0]  # type: ignore[attr-defined]  # a webhook
    return Outcome(_("Copy the secret now; it is shown this once."), ("webhook", record.pk), reveal=secret)


def new_secret(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """Another secret; for a day messages are signed with the old one too, so that the receiver can change over."""
    check_responsible(door.actor, _responsible(record))
    fresh, old = webhook_secret.new(), record.secret_in_force()[0]  # type: ignore[attr-defined]  # a webhook
    overlap = bool(inputs.get("keep_old"))
    values = {
        "secret": fresh,
        "secret_seen": True,
        "old_secret": old if overlap else None,
        "old_secret_until": clock.now() + timedelta(hours=OVERLAP_HOURS) if overlap else None,
    }
    door.as_program().update("webhook", record.pk, values)
    return Outcome(_("Copy the new secret now; it is shown this once."), ("webhook", record.pk), reveal=fresh)


def _responsible(record: Record) -> int | None:
    found: int | None = getattr(record, "responsible_id", None)
    return found
