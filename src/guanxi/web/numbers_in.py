"""Numbers that come with a request: ids and versions, never larger than the database can hold."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 18


def whole(text: object) -> int | None:
    """The number a text means, ``None`` if it is none or has more than 18 digits."""
    digits = str(text).strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= LONGEST else None


def wholes(texts: Iterable[str]) -> list[int]:
    """The different numbers among texts, in order."""
    return sorted({number for text in texts if (number := whole(text)) is not None})


class IdConverter:
    """The id of a record in an address."""

    regex = f"[0-9]{{1,{LONGEST}}}"

    def to_python(self, value: str) -> int:
        """The id."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Its text."""
        return str(value)
