"""Tables of signing in: failed attempts, and former passwords."""

from __future__ import annotations

from django.db import models

from guanxi.access.people import User


class Attempt(models.Model):
    """Attempts in a row under one key (a name or an address, as a hash); written by :mod:`guanxi.access.attempts`."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="access_attempt_last")]


class FormerPassword(models.Model):
    """The hash of a password that a person had before; written by :mod:`guanxi.access.passwords`."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="access_formerpassword_user")]
