"""What a webhook must say before it is kept, and who may say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import compiled
from guanxi.domains.integration import webhook_events, webhook_secret
from guanxi.domains.integration.webhook_health import WebhookHealth
from guanxi.engine import query
from guanxi.engine.outbound.addresses import is_public
from guanxi.engine.outbound.destinations import Closed, entry, parts_of
from guanxi.kernel.errors import GuanxiError, Refused
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor


class WebhookRules(ObjectRules):
    """A webhook sends what its responsible person may see; only that person or an administrator changes it."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.created:
                if draft.get("responsible") is None and door.user_id is not None:
                    draft.set("responsible", door.user_id)
                if draft.get("secret") is None:
                    draft.set("secret", webhook_secret.new())
            self._events(draft)

    def _events(self, draft: Draft) -> None:
        try:
            draft.set("events", webhook_events.in_lines(webhook_events.parsed(draft.get("events") or "")))
        except ValueError as error:
            draft.error("events", str(error))

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            check_responsible(door.actor, draft.was("responsible"), draft.get("responsible"))
            self._url(draft)
            self._condition(draft, door)
            if draft.changed("secret"):
                self._secret(draft)

    def _url(self, draft: Draft) -> None:
        try:
            _scheme, name, port, _target = parts_of(draft.get("url") or "")
        except Closed:
            draft.error(
                "url", _("Enter an address such as https://hooks.example.com/guanxi, without name and password.")
            )
            return
        allowed = compiled.current().policy.outbound_allowed
        try:
            public = is_public(name) or entry(name, port) in allowed
        except ValueError:
            return  # a name: where it leads is checked whenever something is sent
        if not public:
            message = _("%(host)s is not on the public Internet. An administrator can allow it in the security policy.")
            draft.error("url", message % {"host": entry(name, port)})

    def _condition(self, draft: Draft, door: WriteDoor) -> None:
        line = draft.get("condition")
        if not line or draft.errors.get("events"):
            return
        keys = {key for key, _verb in webhook_events.parsed(draft.get("events"))}
        if len(keys) != 1 or webhook_events.EVERY in keys:
            draft.error("condition", _("A condition needs events of one object alone."))
            return
        kind = snapshot().get(keys.pop())
        try:
            query.compile_tree(query.parse(line, kind, door.actor), kind, door.actor)
        except GuanxiError as error:
            draft.error("condition", error.message)

    def _secret(self, draft: Draft) -> None:
        try:
            webhook_secret.key(draft.get("secret") or "")
        except ValueError:
            draft.error(
                "secret", _("A secret is whsec_ and 24 to 64 bytes in base64; leave it empty to have one made.")
            )

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        """Switched on again, or sent elsewhere: what failed before counts no more."""
        mended = [draft.record.pk for draft in drafts if draft.changed("is_active") or draft.changed("url")]
        WebhookHealth.objects.filter(webhook__in=mended).update(failing_since=None)


def check_responsible(actor: Any, *people: int | None) -> None:
    """Raise :class:`Refused` where somebody would send with another person's permissions."""
    if (actor.is_administrator and actor.allowed is None) or all(pk in (None, actor.user_id) for pk in people):
        return
    raise Refused(
        _("A webhook sends what its responsible person may see. Only that person or an administrator changes it.")
    )
