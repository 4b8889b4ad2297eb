"""The secret of a webhook and what is signed with it, by the Standard Webhooks specification (standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
BYTES = 32
SHORTEST, LONGEST = 24, 64


def new() -> str:
    """A fresh secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def key(secret: str) -> bytes:
    """The bytes a secret stands for. Raises :class:`ValueError` for anything else than ``whsec_`` and 24 to 64 bytes."""
    try:
        found = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(secret[:8]) from error
    if not secret.startswith(PREFIX) or not SHORTEST <= len(found) <= LONGEST:
        raise ValueError(secret[:8])
    return found


def headers(secrets_in_force: Iterable[str], event: str, moment: int, body: bytes) -> dict[str, str]:
    """The headers of a message: its id, the second it is sent at, and one signature per secret in force.

    A signature is HMAC-SHA256 over ``id.timestamp.body`` in base64, marked with the version of the scheme.
    """
    signed = f"{event}.{moment}.".encode() + body
    signatures = (hmac.digest(key(secret), signed, hashlib.sha256) for secret in secrets_in_force)
    return {
        "webhook-id": event,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
