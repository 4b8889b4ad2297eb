"""Answers kept under the key that a caller gave its request, so that the same request sent again is not done again.

The answer is written in the transaction of the change: either both are there after a crash, or neither.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

from guanxi.kernel import clock, db

KEPT = timedelta(hours=24)
AT_ONCE = 2000


class IdempotentAnswer(models.Model):
    """What a request was answered with. Answers may hold a secret that is shown once, so they are encrypted at rest."""

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    """SHA-256 of the request: another one under the same key is a mistake of the caller."""
    status = models.IntegerField()
    headers: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="engine_idempotent_once")]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    request: str = ""


def reserve(caller: str, key: str) -> bool:
    """Take the key until the transaction ends; false where another transaction has it. SQLite has a single writer anyway."""
    return db.try_lock(f"idempotency:{caller}:{key}")


def find(caller: str, key: str) -> Answer | None:
    """The answer kept under a key, unless it is older than 24 hours."""
    row = IdempotentAnswer.objects.filter(caller=caller, key=key).first()
    if row is None:
        return None
    body = _opened(bytes(row.body))
    if row.created_at <= clock.now() - KEPT or body is None:
        row.delete()
        return None
    return Answer(row.status, body, dict(row.headers), row.request)


def keep(caller: str, key: str, answer: Answer) -> None:
    """Keep an answer, in the transaction of what it tells."""
    IdempotentAnswer.objects.create(
        caller=caller,
        key=key,
        request=answer.request,
        status=answer.status,
        headers=answer.headers,
        body=_cipher().encrypt(zlib.compress(answer.body, 1)),
        created_at=clock.now(),
    )


def sweep() -> int:
    """Remove answers older than 24 hours, at most 2,000 at once; how many."""
    old = IdempotentAnswer.objects.filter(created_at__lte=clock.now() - KEPT).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    IdempotentAnswer.objects.filter(pk__in=ids).delete()
    return len(ids)


def _opened(kept: bytes) -> bytes | None:
    try:
        return zlib.decompress(_cipher().decrypt(kept))
    except (InvalidToken, zlib.error):
        # The installation's secret key has been changed since.
        return None


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"guanxi-idempotency:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
