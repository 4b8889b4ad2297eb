"""Certificate authorities given as PEM text or as the path of a PEM file."""

from __future__ import annotations

import ssl
from pathlib import Path

_BEGIN = "-----BEGIN CERTIFICATE-----"


def pem_of(given: str | None) -> str:
    """The PEM text that is meant; empty for none. Raises ``OSError`` or ``ValueError`` when there is no certificate."""
    text = (given or "").strip()
    if not text or _BEGIN in text:
        return text
    read = Path(text).read_text(encoding="ascii")
    if _BEGIN not in read:
        raise ValueError("no certificate")
    return read


def context_for(given: str | None) -> ssl.SSLContext:
    """A context that trusts these authorities alone, or the system's when none are given."""
    return ssl.create_default_context(cadata=pem_of(given) or None)
