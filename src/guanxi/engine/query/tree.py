"""The condition tree. Values are canonical: texts as the field's kind writes them, ids as integers, booleans as such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scalar = str | int | bool
Value = Scalar | tuple[Scalar, ...] | None

NEGATIVE = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "has_not": "has",
    "empty": "not_empty",
}
"""Every negative operator is the complement of a positive one: an empty value satisfies it."""

SEARCH = "search"
"""Pseudo-field: the record's search key (words, pinyin, initials)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``path`` is a field key, or lookups and a field key joined by dots."""

    path: str
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Group:
    """All (``and``) or any (``or``) of its items; an empty ``and`` holds always, an empty ``or`` never."""

    op: Literal["and", "or"]
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The complement of its item. Two-valued: what does not hold for an empty value holds negated."""

    item: Tree


Tree = Condition | Group | Not


def both(first: Tree | None, second: Tree | None) -> Tree | None:
    """The conjunction of two trees, either of which may be missing."""
    if first is None or second is None:
        return first or second
    items: tuple[Tree, ...] = ()
    for tree in (first, second):
        items += tree.items if isinstance(tree, Group) and tree.op == "and" else (tree,)
    return Group("and", items)
