"""Where in a text what was typed is found: by its characters, by the beginning of a word, by pinyin or initials."""

from __future__ import annotations

from functools import lru_cache

from guanxi.engine.search import words
from guanxi.engine.search.asked import Asked
from guanxi.engine.search.words import NATIONAL
from guanxi.kernel.text import syllables

Pieces = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it was found."""
AROUND = 40
"""So many characters before the first match are shown of a long text."""
SHOWN = 160
_LOOKED_AT = 3000


def marked(text: str, asked: Asked) -> Pieces:
    """The text with what was found in it."""
    return _pieces(text, _places(text[:_LOOKED_AT], asked))


def snippet(text: str, asked: Asked) -> Pieces:
    """The part of a long text around the first match; nothing where there is none."""
    text = " ".join(text.split())[:_LOOKED_AT]
    places = _places(text, asked)
    if not any(places):
        return ()
    start = max(0, places.index(True) - AROUND)
    part = _pieces(text[start : start + SHOWN], places[start : start + SHOWN])
    before, after = start > 0, start + SHOWN < len(text)
    return ((("…", False),) if before else ()) + part + ((("…", False),) if after else ())


def _pieces(text: str, places: list[bool]) -> Pieces:
    found: list[tuple[str, bool]] = []
    for at, char in enumerate(text):
        hit = at < len(places) and places[at]
        if found and found[-1][1] == hit:
            found[-1] = (found[-1][0] + char, hit)
        else:
            found.append((char, hit))
    return tuple(found)


def _places(text: str, asked: Asked) -> list[bool]:
    """For every character whether it is part of a match."""
    folded, origin = "", []
    for at, char in enumerate(text):
        plain = _plain(char) or " "
        folded += plain
        origin.extend([at] * len(plain))
    places = [False] * len(text)
    wanted = {one for group in asked.groups for alternative in group for one in alternative}
    at = 0
    for run in words.runs(folded):
        at = folded.index(run, at)
        for start, length in _hits(run, wanted):
            for place in origin[at + start : at + start + length]:
                places[place] = True
        at += len(run)
    return places


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    return char if char == " " else words.plain(char)


def _hits(run: str, wanted: set[str]) -> list[tuple[int, int]]:
    """Beginnings and lengths of the matches in one run."""
    if not words.is_chinese(run):
        found = [(0, len(one)) for one in wanted if run.startswith(one)]
        if run.isdigit():
            found += [(len(run) - len(one), len(one)) for one in wanted if run.endswith(one)]
            # A number is also found without the code of its country.
            found += [(len(run) - NATIONAL, len(one)) for one in wanted if run[-NATIONAL:].startswith(one)]
        return [(max(start, 0), length) for start, length in found]
    found = []
    spelled: tuple[str, ...] = ()
    for one in wanted:
        if words.is_chinese(one):
            found.extend((at, len(one)) for at in range(len(run)) if run.startswith(one, at))
        elif one.isascii() and one.isalpha() and len(run) <= SHOWN:
            spelled = spelled or syllables(run)
            for at in range(len(spelled)):
                if length := _spelled(spelled[at:], one):
                    found.append((at, length))
                    break
    return found


def _spelled(parts: tuple[str, ...], one: str) -> int:
    """How many characters spell a beginning, by pinyin or by initials; 0 for none."""
    if "".join(part[:1] for part in parts).startswith(one):
        return len(one)
    together = ""
    for number, part in enumerate(parts, 1):
        together += part
        if together.startswith(one):
            return number
        if not one.startswith(together):
            return 0
    return 0
