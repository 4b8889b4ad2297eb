"""The tables of notifications: the notices themselves, what people follow, and the mails that carried notices."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notification(models.Model):
    """One line in a person's notifications."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    kind = models.CharField(max_length=40, blank=True, default="")
    """Key of a kind of notice; empty for those of earlier versions."""
    text_en = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300)
    object = models.CharField(max_length=63, blank=True, default="")
    record = models.BigIntegerField(null=True)
    gathering = models.CharField(max_length=130, blank=True, default="")
    """Unread notices of one person with the same gathering become one line; empty stands alone."""
    count = models.IntegerField(default=1)
    """How many changes the line sums up."""
    shown = models.BooleanField(default=True)
    """Whether it is in the program; otherwise it only waits for its mail."""
    mail = models.CharField(max_length=8, blank=True, default="")
    """``now``, ``digest`` or empty: how it goes out by mail."""
    mailing = models.ForeignKey("engine.NoticeMail", on_delete=models.SET_NULL, null=True, related_name="notices")
    """The mail that carries it, once there is one."""
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["recipient", "read_at", "-id"], name="engine_notification_unread"),
            models.Index(fields=["recipient", "-id"], name="engine_notification_latest"),
            models.Index(fields=["recipient", "object", "record"], name="engine_notification_record"),
            models.Index(
                fields=["mail", "recipient"],
                name="engine_notification_unsent",
                condition=Q(mailing__isnull=True) & ~Q(mail=""),
            ),
        ]


class Follow(models.Model):
    """A person who wants to know what others change about a record."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "object", "record"], name="engine_follow_once")]
        indexes = [models.Index(fields=["object", "record"], name="engine_follow_record")]


class NoticeMail(models.Model):
    """One mail with notices for one person, claimed before it is handed to the mail server: it is never sent twice."""

    WAITING, SENDING, SENT, FAILED, UNCERTAIN = "waiting", "sending", "sent", "failed", "uncertain"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    """``digest:{person}:{day}`` or ``now:{person}:{first notice}``; also the mail's Message-ID."""
    state = models.CharField(max_length=10, default=WAITING)
    """``uncertain``: the program ended while the mail was handed over; it is not sent again, for it may have arrived."""
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    """The next attempt; while sending, when the claim was made."""
    attempts = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], name="engine_noticemail_due", condition=Q(state__in=("waiting", "sending"))
            )
        ]
