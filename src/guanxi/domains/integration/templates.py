"""Texts composed from the cells of a row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

_PART = re.compile(r"\{([^{}|]+)(?:\|(\w+))?\}")


def columns_of(template: str) -> list[str]:
    """The columns a template names."""
    return [match.group(1) for match in _PART.finditer(template)]


def compose(templates: Sequence[str], cells: Mapping[str, str]) -> str:
    """The first template whose columns are all filled, with their values; empty text when there is none."""
    for template in templates:
        if all(cells.get(column) for column in columns_of(template)):
            return _PART.sub(lambda match: _shaped(cells[match.group(1)], match.group(2) or ""), template)
    return ""


def _shaped(value: str, shape: str) -> str:
    return slug(value) if shape == "slug" else value


def slug(value: str) -> str:
    """A name as a user name: lower case, words joined by points, accents and other signs left away."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return ".".join(re.findall(r"[a-z0-9-]+", plain))
