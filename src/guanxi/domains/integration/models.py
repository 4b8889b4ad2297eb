"""The record classes of the domain, for Django to find."""

from guanxi.domains.integration.webhook import Webhook
from guanxi.domains.integration.webhook_health import WebhookHealth

__all__ = ["Webhook", "WebhookHealth"]
