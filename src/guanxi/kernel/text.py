"""Text: comparison without case, search keys with pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What PostgreSQL cannot hold in a text: NUL and lone halves of surrogate pairs."""
_MAX_KEY = 400
_MAX_SPELLED = 60


def fold(text: str) -> str:
    """Lower case letter by letter, never changing the length: the meaning of "contains" on both databases."""
    lower = text.lower()
    if text.isascii() or (len(lower) == len(text) and "Σ" not in text):
        return lower
    # A letter that becomes two, or a sigma, whose small letter depends on its place.
    return "".join(map(_fold_letter, text))


@lru_cache(maxsize=4096)
def _fold_letter(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 else char


def has_cjk(text: str) -> bool:
    """Whether the text has a Chinese character."""
    return not text.isascii() and _CJK.search(text) is not None


@lru_cache(maxsize=8192)
def pinyin(text: str) -> tuple[str, str]:
    """Full pinyin and initials of the Chinese parts: ``华为`` gives ``("huawei", "hw")``."""
    full: list[str] = []
    initials: list[str] = []
    for run in _CJK.findall(text):
        spelled = syllables(run)
        full.extend(spelled)
        initials.extend(part[:1] for part in spelled)
    return "".join(full), "".join(initials)


@lru_cache(maxsize=8192)
def syllables(run: str) -> tuple[str, ...]:
    """The pinyin of each character of a Chinese run, without tones."""
    # Imported on first use: its dictionaries cost half a second and tens of megabytes, which reading never needs.
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(run, style=Style.NORMAL, errors="ignore"))


def search_key(parts: Sequence[str]) -> str:
    """What a record is found by: its texts folded, then their pinyin and pinyin initials; at most 400 characters."""
    words = [normalise(part) for part in parts if part]
    for word in words[:]:
        if has_cjk(word):
            # Names are looked for by pinyin, prose is not, and spelling it is slow.
            words.extend(pinyin(word[:_MAX_SPELLED]))
    return " ".join(words)[:_MAX_KEY]


def normalise(text: str) -> str:
    """Full-width forms made half-width (NFKC), case folded, white space collapsed."""
    if text.isascii():
        return " ".join(text.replace("\0", " ").lower().split())
    return " ".join(fold(unicodedata.normalize("NFKC", UNSTORABLE.sub(" ", text))).split())


def full_name(family: str, given: str) -> str:
    """A person's name in local order: family name first and closed up for Chinese, given name first otherwise."""
    family, given = family.strip(), given.strip()
    if has_cjk(family + given):
        return family + given
    return f"{given} {family}".strip()
