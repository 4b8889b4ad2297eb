"""The keys by which a record is found: one per rule and value, and some that lead to similar records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import product
from typing import Any

from guanxi.engine.matching.normalising import FORMS, company, skeleton, without_place, words
from guanxi.kernel.text import has_cjk
from guanxi.schema.definition import ObjectType
from guanxi.schema.duplicates import Duplicates, ExactRule

Read = Callable[[str], Any]
Key = tuple[str, int]
"""Rule and hash."""
NAMED = "company"
"""The rule of the keys of company names, kept for the search whether or not a rule uses them."""
NEAR = "~"


def read_fields(kind: ObjectType) -> frozenset[str]:
    """The fields whose change changes the keys."""
    declared = kind.declaration.duplicates
    if declared is None:
        return frozenset()
    named = {key for rule in declared.exact for part in rule.parts for key in part.fields}
    named |= {key for one in declared.compared if one.sort in ("person", "company") for key in one.fields}
    return frozenset(named | ({declared.company} if declared.company else set()))


def keys_of(declared: Duplicates, read: Read) -> set[Key]:
    """Every key of a record; ``read`` gives its values by field."""
    found = {(rule.key, value) for rule in declared.exact for value in values_of(rule, read)}
    if declared.company and (name := read(declared.company)):
        found |= set(company_keys(str(name)))
    for one in declared.compared:
        if one.sort == "person":
            found |= {(NEAR + "person", _hash(near)) for near in near_person(read, one.fields)}
    return found


def values_of(rule: ExactRule, read: Read) -> set[int]:
    """The hashes of what must be equal: one per combination of values, none when a part is empty."""
    parts = []
    for part in rule.parts:
        form = FORMS[part.form]
        texts = {form(str(value)) for key in part.fields if (value := read(key)) not in (None, "")} - {""}
        if not texts:
            return set()
        parts.append(texts)
    if len(parts) == 1:
        return {_hash(text) for text in parts[0]}
    return {_hash("\x1f".join(values)) for values in product(*parts)}


def company_keys(name: str) -> Iterator[Key]:
    """Keys of a company's name: the name itself, and beginnings that names written a little differently share."""
    core = company(name)
    if not core:
        return
    yield (NAMED, _hash(core))
    for near in near_company(name):
        yield (NEAR + NAMED, _hash(near))


def near_company(name: str) -> set[str]:
    """What similar names of companies have in common: the consonants as a whole or the first word; of Chinese names the
    brand, which is the first two characters after the place, or what follows it."""
    core = company(name)
    if has_cjk(core):
        rest = without_place(core)
        return {f"b{rest[:2]}"} | ({f"r{rest[2:]}"} if len(rest) > 4 else set())
    found = words(name)
    return {f"s{skeleton(core)}"} | ({f"b{found[0]}"} if found and len(found[0]) > 3 else set())


def near_person(read: Read, fields: tuple[str, ...]) -> set[str]:
    """The skeleton of a person's whole name, its words in alphabetical order; a Chinese name as it is, for who differs in a
    character is somebody else."""
    found = name_words(read, fields)
    parts = sorted(word if has_cjk(word) else skeleton(word) for word in found)
    return {" ".join(parts)} if parts else set()


def name_words(read: Read, fields: tuple[str, ...]) -> list[str]:
    """The words of a name: of its parts where they are given (all fields but the last), of the whole name otherwise."""
    *parts, whole = fields
    given = [value for key in parts if (value := read(key))]
    source = " ".join(str(one) for one in given) if given else str(read(whole) or "")
    found = words(source)
    return ["".join(found)] if any(has_cjk(word) for word in found) else found


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
