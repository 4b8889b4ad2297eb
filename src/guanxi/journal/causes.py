"""What a cause says besides where a change came from: whether people are told, and whether automation follows.

A cause is a word, then any number of flags behind semicolons: ``import;quiet;unautomated``. Every consumer of the journal
that tells people or starts automation asks here first.
"""

from __future__ import annotations

QUIET, UNAUTOMATED = "quiet", "unautomated"


def cause(word: str, *, notify: bool = True, automate: bool = True) -> str:
    """The cause with its flags."""
    flags = ([] if notify else [QUIET]) + ([] if automate else [UNAUTOMATED])
    return ";".join((word, *flags))


def word(text: str) -> str:
    """The cause without its flags."""
    return text.partition(";")[0]


def notifies(text: str) -> bool:
    """Whether people are to be told of the change."""
    return QUIET not in text.split(";")[1:]


def automates(text: str) -> bool:
    """Whether automation is to follow the change."""
    return UNAUTOMATED not in text.split(";")[1:]
