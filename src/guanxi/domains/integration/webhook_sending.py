"""The consumer that brings entries to webhooks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.access.visibility import among
from guanxi.domains.integration import webhook_events, webhook_health, webhook_secret
from guanxi.domains.integration.webhook import Webhook
from guanxi.domains.integration.webhook_payload import moment, payload
from guanxi.engine import outbound, query
from guanxi.journal.consumers import NotDelivered
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.text import UNSTORABLE
from guanxi.schema.registry import snapshot

KEPT = 2000
"""Characters kept of what was answered."""
LARGEST = 64_000
"""Bytes read of an answer."""
GONE = 410


class Webhooks:
    """See :class:`guanxi.journal.consumers.DeliveryConsumer`; a target is the id of a webhook."""

    name = "webhooks"

    def targets(self, entries: Sequence[Entry]) -> Mapping[int, Sequence[str]]:
        """The active webhooks each entry is for: events, condition, and what the responsible person may see."""
        found: dict[int, list[str]] = defaultdict(list)
        for entry in entries:
            if (entry.object, entry.verb) == ("webhook", webhook_events.TESTED):
                found[entry.pk].append(str(entry.record))
        rows = Webhook.objects.filter(is_active=True, deleted_at=None, responsible__is_active=True)
        for webhook in rows.select_related("responsible").order_by("pk"):
            events = webhook_events.parsed(webhook.events)
            by_object: dict[str, list[Entry]] = defaultdict(list)
            for entry in entries:
                if webhook_events.wants(events, entry.object, entry.verb):
                    by_object[entry.object].append(entry)
            for key, wanted in by_object.items():
                open_to = _open_to(actor_for(webhook.responsible), webhook, key, {entry.record for entry in wanted})
                for entry in wanted:
                    if entry.record in open_to:
                        found[entry.pk].append(str(webhook.pk))
        return found

    def titles(self, targets: Sequence[str]) -> Mapping[str, str]:
        """The names of webhooks, for screens."""
        ids = [int(target) for target in targets]
        return {str(pk): name for pk, name in Webhook.objects.filter(pk__in=ids).values_list("pk", "name")}

    def deliver(self, delivery: Delivery, entry: Entry) -> None:
        """Post the event. Raises :class:`NotDelivered`."""
        test = (entry.object, entry.verb) == ("webhook", webhook_events.TESTED)
        webhook = Webhook.objects.filter(pk=int(delivery.target), deleted_at=None).select_related("responsible").first()
        if webhook is None:
            raise NotDelivered("missing", final=True)
        if not webhook.is_active and not test:
            raise NotDelivered("off", final=True)
        message = _test_message(delivery, entry) if test else _message(webhook, delivery, entry)
        if message is None:
            delivery.detail = "unseen"
            return
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
        delivery.request = UNSTORABLE.sub("", body.decode())
        delivery.response_status, delivery.response = None, ""
        try:
            self._post(webhook, delivery, body)
        except NotDelivered as error:
            if error.code == "gone":
                webhook_health.gone(webhook)
            elif not test and webhook_health.failed(webhook):
                raise NotDelivered(error.code, error.detail, final=True) from error
            raise
        webhook_health.succeeded(webhook)

    def _post(self, webhook: Webhook, delivery: Delivery, body: bytes) -> None:
        signed = webhook_secret.headers(webhook.secret_in_force(), delivery.event, int(clock.now().timestamp()), body)
        headers = {"Content-Type": "application/json; charset=utf-8", **signed}
        try:
            answer = outbound.fetch("POST", webhook.url, headers=headers, body=body, largest=LARGEST)
        except (outbound.Closed, outbound.Unreachable) as error:
            raise NotDelivered(error.code, error.detail) from error
        delivery.response_status = answer.status
        delivery.response = UNSTORABLE.sub("", answer.body[: 4 * KEPT].decode("utf-8", "replace"))[:KEPT]
        if answer.status == GONE:
            raise NotDelivered("gone", final=True)
        if not 200 <= answer.status < 300:
            raise NotDelivered("status", str(answer.status))


def _open_to(actor: Actor, webhook: Webhook, key: str, records: set[int]) -> set[int]:
    """Those of the records that the actor may see and that meet the webhook's condition."""
    kind = snapshot().get(key)
    if not actor.can("read", key):
        return set()
    rows = among(actor, kind, records)
    if webhook.condition:
        try:
            rows = rows.filter(query.compile_tree(query.parse(webhook.condition, kind, actor), kind, actor))
        except GuanxiError:
            return set()  # a field of the condition is closed to the person by now, or no longer there
    return set(rows.values_list("pk", flat=True))


def _message(webhook: Webhook, delivery: Delivery, entry: Entry) -> dict[str, object] | None:
    person: User | None = webhook.responsible
    if person is None or not person.is_active or person.deleted_at is not None:
        raise NotDelivered("responsible", final=True)
    return payload(actor_for(person), entry, delivery.event)


def _test_message(delivery: Delivery, entry: Entry) -> dict[str, object]:
    """An event without a record, to see whether the receiver listens."""
    return {
        **{"id": delivery.event, "type": "webhook.test", "at": moment(entry.at), "actor": None},
        **{"object": "webhook", "record": entry.record, "cause": entry.cause, "changes": {}, "data": None},
    }
