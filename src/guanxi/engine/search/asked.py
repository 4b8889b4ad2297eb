"""What a person typed, as conditions on the words of a document."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from guanxi.engine.search import words

Beginnings = tuple[str, ...]
"""Beginnings of words that must all occur."""
Groups = tuple[tuple[Beginnings, ...], ...]
LONGEST = 120


@dataclass(frozen=True)
class Asked:
    """Groups that must all hold; of a group one alternative must."""

    text: str
    groups: Groups

    def __bool__(self) -> bool:
        return bool(self.groups)

    @cached_property
    def first(self) -> str:
        """What a title that begins with it begins with, without spaces."""
        return self.text.replace(" ", "")

    @cached_property
    def beginnings(self) -> list[str]:
        """All there are, each once."""
        return list(dict.fromkeys(one for group in self.groups for alternative in group for one in alternative))

    @property
    def several(self) -> bool:
        """Whether more than one beginning was typed."""
        return len(self.beginnings) > 1

    def held_by(self, indexed: str) -> bool:
        """Whether words of the index (each between spaces) fulfil the groups."""
        return _fulfilled(self._begun, indexed)

    def whole_in(self, indexed: str) -> bool:
        """Whether what was typed are whole words."""
        return _fulfilled(self._between_spaces, indexed)

    @cached_property
    def _begun(self) -> Groups:
        return _each(self.groups, " {}")

    @cached_property
    def _between_spaces(self) -> Groups:
        return _each(self.groups, " {} ")

    def within(self, key: str) -> bool:
        """Whether a search key, which also holds pinyin and initials, contains everything."""
        return _fulfilled(self.groups, key)


def asked(text: str) -> Asked:
    """Take a typed text apart; falsy where it holds neither letter nor digit."""
    text = words.plain(text[:LONGEST])
    groups: list[tuple[Beginnings, ...]] = []
    spelled: list[str] = []
    for run in words.runs(text):
        if words.is_chinese(run):
            groups.extend(_spelled(spelled))
            spelled = []
            groups.append(_chinese(run))
        else:
            spelled.append(run[: words.LETTERS])
    groups.extend(_spelled(spelled))
    return Asked(text, tuple(dict.fromkeys(groups)))


def _spelled(typed: list[str]) -> list[tuple[Beginnings, ...]]:
    """Letters and digits one after another: ``hua wei`` and ``138 0013 8000`` may also be meant as one."""
    apart = tuple(typed)
    if len(typed) < 2:
        return [(apart,)] if typed else []
    return [(apart, ("".join(typed)[: words.LETTERS],))]


def _chinese(run: str) -> tuple[Beginnings, ...]:
    """A part of a name as it stands, or the words of a text."""
    size = words.CHARACTERS
    as_it_stands = (run,) if len(run) <= size else tuple(run[at : at + size] for at in _steps(len(run), size))
    if len(run) < 3:
        return (as_it_stands,)
    apart = tuple(dict.fromkeys(word[:size] for word in words.segments(run)))
    # Where jieba knows the whole as a word, its parts ask for nothing more.
    return (as_it_stands,) if set(as_it_stands) <= set(apart) else (as_it_stands, apart)


def _steps(length: int, size: int) -> list[int]:
    """Beginnings of pieces that cover a run, the last one flush with its end."""
    return [*range(0, length - size, size), length - size]


def _each(groups: Groups, form: str) -> Groups:
    return tuple(tuple(tuple(form.format(one) for one in alternative) for alternative in group) for group in groups)


def _fulfilled(groups: Groups, text: str) -> bool:
    """Whether of every group one alternative is contained; written out, because hundreds of candidates are asked."""
    for group in groups:
        for alternative in group:
            for one in alternative:
                if one not in text:
                    break
            else:
                break
        else:
            return False
    return True
