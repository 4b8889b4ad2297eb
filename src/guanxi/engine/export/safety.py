"""Texts that a spreadsheet would take for formulas (OWASP: CSV injection)."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""Any apostrophes already there, then a tab or line break, or a sign that begins a formula, in either width."""


def neutralise(text: str) -> str:
    """The text as a CSV cell that no spreadsheet executes: an apostrophe goes before whatever could begin a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """The inverse of :func:`neutralise`, for every text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
