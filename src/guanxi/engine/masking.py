"""Masked values: enough to recognise, not enough to use."""

from __future__ import annotations

from typing import Any

from guanxi.schema.definition import FieldDefinition

MASK = "••••••"


def masked(field: FieldDefinition, value: Any) -> Any:
    """A phone keeps its first 3 and last 4 digits, a mail its first character and domain; anything else only dots."""
    if value is None:
        return None
    text = str(value)
    if field.kind.name == "phone" and len(text) > 8:
        return f"{text[:3]}****{text[-4:]}"
    if field.kind.name == "email" and "@" in text:
        return f"{text[0]}***@{text.rpartition('@')[2]}"
    return MASK
