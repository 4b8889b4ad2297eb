"""The words of the index: what a text is found by.

A name is found by any part of its Chinese, by its pinyin and pinyin initials from the beginning of a word, by the
beginning of its other words and by the end of its numbers; prose by its words. Everything is compared without case,
width, accents and the difference between traditional and simplified characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import rjieba

from guanxi.kernel.text import normalise, syllables

CHARACTERS = 6
"""A Chinese word of the index has at most so many characters; longer ones are asked for piece by piece."""
LETTERS = 16
"""Any other word of the index has at most so many letters or digits."""
PERSON = 4
"""A run of so few characters may be a person's name: it is found by the pinyin of any of its characters."""
PAIR = 2
"""So many Chinese characters are a word of the index wherever a longer word begins with them."""
TAIL = (4, 5, 6, 7, 8)
"""So many last digits of a number find it."""
NATIONAL = 11
"""So many digits of a telephone number stand without the code of the country."""
PROSE = 3000
"""So many characters of a long text are indexed."""
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_MARK = re.compile(r"<[^>]{0,500}>")


def plain(text: str) -> str:
    """The text as it is compared: half width, lower case, without accents, in simplified characters."""
    folded = normalise(text)
    if folded.isascii():
        return folded
    bare = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    bare = unicodedata.normalize("NFC", bare)
    return str(_simplifier().convert(bare)) if _CHINESE.search(bare) else bare


def runs(text: str) -> list[str]:
    """The runs of Chinese characters and of other letters and digits in a text that is already plain."""
    return _RUN.findall(text)


def is_chinese(run: str) -> bool:
    """Whether a run is Chinese."""
    return _CHINESE.match(run) is not None


def of_name(text: str) -> tuple[list[str], list[str]]:
    """The words a name, number or address is found by, and those of them that it begins with."""
    found: list[str] = []
    heads: list[str] = []
    for run in runs(plain(text)):
        words = list(_of_chinese(run) if is_chinese(run) else _of_letters(run))
        if not found:
            heads = [run[:CHARACTERS], *_spelled(run, 0)] if is_chinese(run) else [words[0]]
        found.extend(words)
    digits = "".join(char for char in text if char.isdigit() and char.isascii())
    if len(digits) > max(TAIL) and len(digits) * 2 > len(text):
        found.append(digits[:LETTERS])
        found.extend(digits[-length:] for length in TAIL)
        if len(digits) > NATIONAL:
            found.append(digits[-NATIONAL:])
    return list(dict.fromkeys(found)), heads


def of_prose(text: str) -> list[str]:
    """The words a long text is found by."""
    found: list[str] = []
    for run in runs(plain(_MARK.sub(" ", text[: 2 * PROSE])[:PROSE])):
        found.extend(segments(run) if is_chinese(run) else (run[:LETTERS],))
    return list(dict.fromkeys(word[:CHARACTERS] if is_chinese(word) else word for word in found))


def segments(run: str) -> list[str]:
    """The words of a Chinese run as jieba sees them in search mode, long ones and those inside them."""
    return [word for word in rjieba.cut_for_search(run) if word.strip()]


def _of_chinese(run: str) -> Iterator[str]:
    for start in range(len(run)):
        yield run[start : start + CHARACTERS]
    words = segments(run)
    yield from (word[:CHARACTERS] for word in words)
    for start in range(len(run)) if len(run) <= PERSON else sorted(_beginnings(run)):
        yield from _spelled(run, start)


def _spelled(run: str, start: int) -> tuple[str, str]:
    """Pinyin and initials from a character on."""
    parts = syllables(run)[start:]
    return "".join(parts)[:LETTERS], "".join(part[:1] for part in parts)[:LETTERS]


def _beginnings(run: str) -> set[int]:
    """Where words begin; words inside words count."""
    return {start for _word, start, _end in rjieba.tokenize(run, "search")}


def _of_letters(run: str) -> Iterator[str]:
    yield run[:LETTERS]
    if run.isdigit() and len(bare := run.lstrip("0")) < len(run) and bare:
        yield bare[:LETTERS]


def pairs(found: Iterable[str]) -> list[str]:
    """The two characters that each longer Chinese word begins with, as words of their own.

    Two characters are what is typed most often. As words they are one list of the index each; as beginnings they would be
    the lists of every word that begins with them, put together anew for every search.
    """
    return [word[:PAIR] for word in found if len(word) > PAIR and is_chinese(word)]


def preload() -> None:
    """Read the dictionaries: half a second and 90 MB, which nobody's first search should wait for."""
    segments("关系")
    syllables("关系")
    _simplifier()


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def joined(words: Iterable[str]) -> str:
    """Words as the index keeps them: each between two spaces."""
    return f" {' '.join(words)} "
