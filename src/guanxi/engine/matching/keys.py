"""The keys by which a record is found: one per rule and value, and some that lead to similar records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
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
    return keys_of_each(declared, [read])[0]


def keys_of_each(declared: Duplicates, reads: Sequence[Read]) -> list[set[Key]]:
    """Every key of each of many records, rule by rule and field by field: half the time it takes record by record."""
    found: list[set[Key]] = [set() for _read in reads]
    columns = _Columns(reads)
    for rule in declared.exact:
        for keys, values in zip(found, _values_of_each(rule, columns), strict=True):
            for value in values:
                keys.add((rule.key, value))
    if declared.company:
        for keys, name in zip(found, columns.values(declared.company), strict=True):
            if name:
                keys.update(company_keys(str(name)))
    for one in declared.compared:
        if one.sort == "person":
            for keys, read in zip(found, reads, strict=True):
                if near := _near_name(_name(read, one.fields)):
                    keys.add((NEAR + "person", _hash(near)))
    return found


def values_of(rule: ExactRule, read: Read) -> set[int]:
    """The hashes of what must be equal: one per combination of values, none when a part is empty."""
    return set(_values_of_each(rule, _Columns([read]))[0])


def _values_of_each(rule: ExactRule, columns: _Columns) -> list[list[int]]:
    parts = [[columns.forms(part.form, key) for key in part.fields] for part in rule.parts]
    if len(parts) == 1 and len(parts[0]) == 1:
        return [[_hash(text)] if text else [] for text in parts[0][0]]
    result = []
    for row in zip(*(zip(*part, strict=True) for part in parts), strict=True):
        texts = [[text for text in part if text] for part in row]
        result.append([_hash("\x1f".join(values)) for values in product(*texts)])
    return result


class _Columns:
    """The values of many records by field, each read and brought into a form once."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._reads = reads
        self._values: dict[str, list[Any]] = {}
        self._forms: dict[tuple[str, str], list[str]] = {}

    def values(self, key: str) -> list[Any]:
        """The values of a field."""
        if key not in self._values:
            self._values[key] = [read(key) for read in self._reads]
        return self._values[key]

    def forms(self, form: str, key: str) -> list[str]:
        """The values of a field in a form; empty texts for empty ones."""
        if (form, key) not in self._forms:
            made = FORMS[form]
            self._forms[form, key] = [made(str(value)) if value else "" for value in self.values(key)]
        return self._forms[form, key]


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


def _name(read: Read, fields: tuple[str, ...]) -> str:
    """A person's name: the parts of it where they are given (all fields but the last), the whole name otherwise."""
    *parts, whole = fields
    given = [str(value) for key in parts if (value := read(key))]
    return " ".join(given) if given else str(read(whole) or "")


@lru_cache(maxsize=8192)
def _near_name(name: str) -> str:
    """The skeleton of a person's whole name, its words in alphabetical order; a Chinese name as it is, for who differs in a
    character is somebody else."""
    found = words(name)
    if any(has_cjk(word) for word in found):
        return "".join(found)
    return " ".join(sorted(skeleton(word) for word in found))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
