"""Which records are compared at all: those that share a block, so that not every record is compared with every other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guanxi.engine.matching.normalising import skeleton
from guanxi.kernel.text import has_cjk
from guanxi.schema.duplicates import Duplicates

BONES = 4
"""So many letters of a skeleton."""
MOST = 50
"""Larger blocks say too little to be worth comparing everything in them; other blocks lead to the same pairs."""
ALONE = ("identity", "birthday", "phone", "mail", "domain")
"""What is rare enough to be a block by itself."""


def blocks(declared: Duplicates, values: dict[int, Any]) -> set[str]:
    """The blocks of a record: its rare values, its name as a whole, and the parts of its name each together with where it is
    or when it was born; so that no single mistake, and hardly two, keep two records apart."""
    found: set[str] = set()
    names: list[str] = []
    beside: list[str] = []
    streets: list[str] = []
    for index, value in values.items():
        sort = declared.compared[index].sort
        if sort in ALONE:
            texts = [value] if isinstance(value, str) else sorted(value)
            found.update(f"{sort}:{text}" for text in texts)
        if sort == "birthday":
            beside.append(f"y{value[:4]}")
        elif sort == "person":
            names += [skeleton(name)[:BONES] for name in value if name]
        elif sort == "company":
            found.update(f"company:{near}" for near in _company(value))
            beside.append(f"o{skeleton(value)[:BONES]}")
        elif sort in ("place", "code", "record"):
            beside.append(f"{index}{skeleton(value)[:BONES] if sort == 'place' else value}")
        elif sort == "address":
            streets += _streets(value)
    if len(names) > 1:
        found.add(f"names:{' '.join(sorted(names))}")
    found.update(f"{name}|{where}" for name in names for where in beside)
    found.update(f"{street}|{where}" for street in streets[:1] for where in beside)
    found.update(f"{streets[0]}|{street}" for street in streets[1:2])
    return found


def _company(name: str) -> Iterator[str]:
    bones = skeleton(name)
    yield bones
    if has_cjk(name):
        yield from (name[:4], name[-4:]) if len(name) > 3 else ()
    else:
        yield bones[:6]


def _streets(text: str) -> list[str]:
    """The first number of an address, and the skeleton of its first longer word."""
    words = text.split()
    numbers = [word for word in words if any(char.isdigit() for char in word)]
    names = [skeleton(word)[:BONES] for word in words if len(word) > 3 and word.isalpha()]
    return [*(f"n{one}" for one in numbers[:1]), *names[:1]] if numbers else []
