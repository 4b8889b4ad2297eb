"""A person's notifications."""

from guanxi.engine.notifications.reading import (
    Notice,
    Notices,
    latest,
    mark_read,
    mark_record_read,
    page,
    unread,
)
from guanxi.engine.notifications.telling import notify

__all__ = ["Notice", "Notices", "latest", "mark_read", "mark_record_read", "notify", "page", "unread"]
