"""What a cell looks like, and how names of columns are compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from guanxi.kernel.text import normalise

Look = Literal["mail", "phone", "url", "date", "number", "text"]

_MAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]{2,}$")
_URL = re.compile(r"^(https?://|www\.)\S+$", re.IGNORECASE)
_PHONE = re.compile(r"^(\+\d[\d\s().-]{6,18}\d|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8})$")
_NUMBER = re.compile(r"^[-+]?[¥$€£]?\s?\d[\d.,\s]*%?$|^[-+]?\.\d+$")
_DATE = re.compile(
    r"^(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([ T]\d{1,2}:\d{2}(:\d{2})?.*)?$"
)
_REST = re.compile(r"[\s_\-/\\.:：()（）\[\]【】*#“”\"']+")


def of(text: str) -> Look:
    """What the text of a cell looks like."""
    if len(text) > 200:
        return "text"
    if "@" in text and _MAIL.match(text):
        return "mail"
    if _DATE.match(text):
        return "date"
    if _PHONE.match(text):
        return "phone"
    if _NUMBER.match(text):
        return "number"
    return "url" if _URL.match(text) else "text"


def usual(texts: Iterable[str]) -> Look:
    """What most of the filled cells of a column look like; at least nine of ten must agree."""
    counts = Counter(of(text) for text in texts if text)
    if not counts:
        return "text"
    look, number = counts.most_common(1)[0]
    return look if number >= 0.9 * counts.total() else "text"


def folded(name: str) -> str:
    """The name of a column without case, width, blanks and punctuation: ``E-Mail *`` and ``e_mail`` are alike."""
    return _REST.sub("", normalise(name))
