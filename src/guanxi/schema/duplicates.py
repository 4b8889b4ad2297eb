"""What makes two records of an object the same thing: said in the object's declaration, worked with by ``engine.dedupe``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from guanxi.kernel.labels import Label

Form = Literal["company", "person", "phone", "mail", "domain", "number", "text", "record"]
"""How a value is made comparable: a company's name without its legal form, a person's name, a telephone number in E.164, a
mail address, the domain of a website or mail, letters and digits alone, words, or the record pointed to."""
Sort = Literal[
    "person", "company", "identity", "birthday", "phone", "mail", "domain", "address", "place", "code", "record"
]
"""How two values are compared; see :mod:`guanxi.engine.dedupe.evidence` for what each is worth."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that must be equal; any of the fields may hold it, on either side."""

    form: Form
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExactRule:
    """Records of which every part is equal are the same. The key never changes."""

    key: str
    label: Label
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Fields that are compared when two records might be the same though no rule finds them equal."""

    sort: Sort
    fields: tuple[str, ...]
    label: Label


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The rules of an object."""

    exact: tuple[ExactRule, ...]
    compared: tuple[Comparison, ...] = ()
    shown: tuple[str, ...] = ("name", "owner")
    """What is told of a record to somebody who may not see it, unless an administrator says otherwise."""
    company: str = ""
    """The field that names a company: the search “is this company taken?” looks there."""
