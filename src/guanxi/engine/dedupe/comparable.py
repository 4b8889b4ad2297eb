"""A record as the comparisons need it: every value made comparable once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guanxi.engine.dedupe.frequencies import Frequencies
from guanxi.engine.matching import normalising
from guanxi.engine.matching.keys import Read
from guanxi.kernel.text import has_cjk
from guanxi.schema.duplicates import Comparison, Duplicates

COUNTED = {
    **{"person": "name", "company": "company", "phone": "phone", "mail": "mail", "domain": "domain"},
    **{"place": "place", "code": "code"},
}
"""Sorts of comparison whose values are counted, with the name they are counted under."""
_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "夏侯",
    "尉迟",
    "皇甫",
    "慕容",
    "令狐",
    "公孙",
    "长孙",
    "宇文",
    "司徒",
)
"""The commoner Chinese family names of two characters."""


def comparable(declared: Duplicates, read: Read) -> dict[int, Any]:
    """The values by position of the comparison; missing ones are left out."""
    found = {}
    for index, one in enumerate(declared.compared):
        value = _value(one, read)
        if value:
            found[index] = value
    return found


def _value(one: Comparison, read: Read) -> Any:
    values = [str(value) for key in one.fields if (value := read(key)) not in (None, "")]
    if not values:
        return None
    match one.sort:
        case "person":
            return _person(one, read)
        case "phone" | "mail" | "domain":
            return frozenset(filter(None, map(normalising.FORMS[one.sort], values)))
        case "birthday":
            return "".join(char for char in values[0] if char.isdigit())[:8]
        case "address":
            return " ".join(normalising.words(" ".join(values[:1])))
        case "company":
            return normalising.company(values[0])
        case "identity" | "code":
            return normalising.number(values[0])
        case "place":
            return " ".join(normalising.words(values[0]))
    return values[0]


def _person(one: Comparison, read: Read) -> tuple[str, str] | None:
    """(family, given) name; taken apart where only the whole name is there."""
    *parts, whole = one.fields
    given = [" ".join(normalising.words(str(read(key) or ""))) for key in parts]
    if any(given):
        return (given[0], given[1])
    found = normalising.words(str(read(whole) or ""))
    if not found:
        return None
    if has_cjk(found[0]) and len(found) == 1:
        size = 2 if found[0].startswith(_COMPOUND) and len(found[0]) > 2 else 1
        return (found[0][:size], found[0][size:])
    return (found[-1], " ".join(found[:-1])) if len(found) > 1 else (found[0], "")


def count(declared: Duplicates, values: dict[int, Any], known: Frequencies) -> None:
    """Count the values of a record."""
    known.total += 1
    for index, value in values.items():
        sort = declared.compared[index].sort
        if sort in COUNTED:
            for text in _texts(value):
                known.add(COUNTED[sort], text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        yield from filter(None, value)
