"""How a webhook fares, and switching it off when nobody has answered for three days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.notifications import notify
from guanxi.kernel import clock
from guanxi.kernel.labels import Label

if TYPE_CHECKING:
    from guanxi.domains.integration.webhook import Webhook

PATIENCE = timedelta(days=3) - timedelta(minutes=5)
"""The last attempt at a delivery comes three days after the first, which takes a while itself until it counts as failed."""


class WebhookHealth(models.Model):
    """Since when a webhook has failed; kept beside it, because a delivery is not a change of the webhook."""

    webhook = models.OneToOneField(
        "integration.Webhook", on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    failing_since = models.DateTimeField(null=True)
    """The first failure after the last success; empty while all is well."""

    class Meta:
        db_table = "integration_webhookhealth"


def succeeded(webhook: Webhook) -> None:
    """It answered as it should."""
    WebhookHealth.objects.filter(webhook=webhook, failing_since__isnull=False).update(failing_since=None)


def failed(webhook: Webhook) -> bool:
    """It did not; whether that has gone on for three days, and the webhook is off now."""
    now = clock.now()
    health, _made = WebhookHealth.objects.get_or_create(webhook=webhook, defaults={"failing_since": now})
    if health.failing_since is None:
        WebhookHealth.objects.filter(webhook=webhook).update(failing_since=now)
        return False
    if now - health.failing_since < PATIENCE:
        return False
    switch_off(
        webhook,
        Label(
            f"The webhook “{webhook.name}” has not been accepted for three days and is switched off. Mend it, switch it on, "
            "then replay what was not delivered.",
            f"Webhook“{webhook.name}”已连续三天未被接收，现已停用。修复后请重新启用，并重放未送达的内容。",
        ),
    )
    return True


def gone(webhook: Webhook) -> None:
    """Its receiver says that it is no longer there for good (410)."""
    switch_off(
        webhook,
        Label(
            f"The receiver of the webhook “{webhook.name}” says that it is gone for good (410). It is switched off.",
            f"Webhook“{webhook.name}”的接收方表示已永久停用（410），该 Webhook 已停用。",
        ),
    )


def switch_off(webhook: Webhook, why: Label) -> None:
    """Switch it off, in the journal like every change, and tell the person responsible, once."""
    with write.change(Actor.program(), cause="webhook") as door:
        found = type(webhook).objects.select_for_update().get(pk=webhook.pk)
        if not found.is_active:
            return
        door.update("webhook", webhook.pk, {"is_active": False})
        if webhook.responsible_id is not None:
            notify([webhook.responsible_id], why, "webhook", webhook.pk, kind="webhook")
