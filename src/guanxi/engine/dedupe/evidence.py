"""What speaks for and against two records being the same thing, and how much.

The weights follow Fellegi and Sunter ("A theory for record linkage", JASA 1969): agreement in a field is worth
log2(m / u) bits, disagreement log2((1 - m) / (1 - u)), where m is how often the field agrees in records that are the same
and u how often in records that are not. They are set by reasoning, not fitted to data:

* ``m``: people mistype or leave out a field in about one case out of ten, so disagreement is worth log2(0.1 / 1), some -3.3
  bits; a number that is copied from a card (identity, tax) and a birthday are rarely wrong by more than a digit: -4.
* ``u`` of a value is how frequent it is among the records: agreeing on a name that one in 256 has is worth 8 bits, on one
  that every fourth has 2. That is asked of the data (:mod:`frequencies`), with a ceiling, because even a unique name may be
  shared.
* Numbers that are one person's (identity number, mobile, mail) and a day of birth (one in 25,000) have a fixed worth.
* A slip of the pen (one letter or digit wrong, missing, too much, or two swapped: the restricted Damerau-Levenshtein
  distance) keeps part of the worth.
* What is missing on either side says nothing.

Fields are not independent: people of one family or one company share address, town and account, and those whose names
differ may share a telephone and a mail address. Such evidence is counted up to a ceiling only, so that it never makes two
people one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log2
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from guanxi.engine.dedupe.frequencies import Frequencies
from guanxi.kernel.text import has_cjk

THRESHOLD = 14.0
"""Bits from which two records count as the same, at least. Between 10 and 18 the result hardly changes, for most pairs have
far more or far less."""
ODDS = 2.0
"""Among N records one other in N is the same, so log2(N) bits only make the odds even; two more make them four to one."""
SHARED = ("address", "place", "code", "record", "company")
SHARED_BY_OTHERS = (*SHARED, "phone", "mail")
"""What families and colleagues share; telephones and mail addresses count with it where the names differ."""
SHARED_MOST = 12.0
"""Ceiling of what is shared."""
NAME_MOST, PLACE_MOST, CODE_MOST, COMPANY_MOST = 8.0, 7.0, 6.0, 14.0
DIFFERENT = -3.3
SHARED_NAME = 2.0
"""What one part of a name is worth where the other part differs."""
ALIKE = 0.65
"""From this similarity on two names may be one name with slips; what is below is another name."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one comparison says: its worth in bits, the kind of agreement and how alike the values are (0 to 1)."""

    bits: float
    what: str
    alike: float = 1.0


Compared = Mapping[int, Any]
"""The comparable values of a record by the position of the comparison; missing ones are left out."""


def similarity(first: str, second: str) -> float:
    """How alike two texts are: 1 minus the share of letters that were mistyped."""
    longest = max(len(first), len(second))
    return 1 - OSA.distance(first, second) / longest if longest else 1.0


def person(first: Any, second: Any, known: Frequencies) -> Finding:
    """Names, as (family, given): in order, or swapped, which happens and costs a bit. A name of one piece is (name, "")."""
    straight = _names(first, second, known)
    if first[1] and second[1]:
        swapped = _names(first, (second[1], second[0]), known)
        if swapped.bits - 1 > straight.bits:
            return Finding(swapped.bits - 1, "swapped" if swapped.what == "same" else "alike", swapped.alike)
    return straight


def _names(first: Any, second: Any, known: Frequencies) -> Finding:
    parts = [_name(one, other, known) for one, other in zip(first, second, strict=True) if one and other]
    if not parts:
        return Finding(0.0, "missing")
    alike = min(how for _worth, how in parts)
    against = sum(worth for worth, _how in parts if worth < 0)
    speaking = sum(worth for worth, _how in parts if worth > 0)
    if not against:
        return Finding(speaking, "same" if alike == 1 else "alike", alike)
    # Of one family, but another given name: the family name is shared like the address is.
    return Finding(against + min(speaking, SHARED_NAME), "different", alike)


def _name(one: str, other: str, known: Frequencies) -> tuple[float, float]:
    if one == other:
        return known.worth("name", one, NAME_MOST), 1.0
    if has_cjk(one + other):
        # One character of a Chinese name is half of it: who differs in one is somebody else, unless they sound the same.
        return DIFFERENT, similarity(one, other)
    # A shortened beginning (Chris, Christopher) is worth less than its letters.
    alike = max(similarity(one, other), JaroWinkler.similarity(one, other) - 0.05)
    if alike < ALIKE:
        return DIFFERENT, alike
    rarer = min(known.worth("name", one, NAME_MOST), known.worth("name", other, NAME_MOST))
    return rarer * (alike - ALIKE) / (1 - ALIKE) * 0.8, alike


def company(first: str, second: str, known: Frequencies) -> Finding:
    """Names of companies without their legal forms."""
    if first == second:
        return Finding(known.worth("company", first, COMPANY_MOST), "same")
    alike = max(similarity(first, second), 0.95 * JaroWinkler.similarity(first, second))
    if alike < 0.8:
        return Finding(-6.0, "different", alike)
    return Finding(9.0 * (alike - 0.7) / 0.3, "alike", alike)


def identity(first: str, second: str, known: Frequencies) -> Finding:
    """Numbers of cards and taxes: nobody else has the same."""
    distance = OSA.distance(first, second, score_cutoff=2)
    worth = {0: 12.0, 1: 7.0, 2: 2.0}.get(distance, -4.0)
    return Finding(
        worth, "same" if not distance else "slip" if distance < 3 else "different", similarity(first, second)
    )


def birthday(first: str, second: str, known: Frequencies) -> Finding:
    """Days as eight digits; day and month swapped count as a slip."""
    if first == second:
        return Finding(10.0, "same")
    swapped = first[:4] == second[:4] and first[4:6] == second[6:] and first[6:] == second[4:6]
    distance = OSA.distance(first, second, score_cutoff=2)
    if swapped or distance == 1:
        return Finding(6.0, "slip", 0.9)
    return Finding(1.0, "slip", 0.75) if distance == 2 else Finding(-4.0, "different", 0.0)


def phone(first: frozenset[str], second: frozenset[str], known: Frequencies) -> Finding:
    """Any number of one record is one of the other; people have several numbers, so different ones say little. Numbers that
    differ in a digit say nothing: those of colleagues do."""
    if shared := first & second:
        return Finding(max(known.worth("phone", one, 11.0) for one in shared), "same")
    near = max((similarity(one, other) for one in first for other in second), default=0.0)
    return Finding(0.0, "slip", near) if near > 0.9 else Finding(-1.0, "different", near)


def mail(first: frozenset[str], second: frozenset[str], known: Frequencies) -> Finding:
    """Mail addresses; people have several of them too. Those that are nearly the same repeat what the names say."""
    if shared := first & second:
        return Finding(max(known.worth("mail", one, 11.0) for one in shared), "same")
    near = max(similarity(one, other) for one in first for other in second)
    return Finding(1.0, "slip", near) if near > 0.92 else Finding(-1.0, "different", near)


def domain(first: frozenset[str], second: frozenset[str], known: Frequencies) -> Finding:
    """Domains of websites and mails."""
    if shared := first & second:
        return Finding(max(known.worth("domain", one, 9.0) for one in shared), "same")
    return Finding(-1.5, "different", 0.0)


def address(first: str, second: str, known: Frequencies) -> Finding:
    """Streets and house numbers, whatever the order of the words; words that only one side has count a little less."""
    alike = max(fuzz.token_sort_ratio(first, second), 0.9 * fuzz.token_set_ratio(first, second)) / 100
    if alike < 0.6:
        return Finding(-3.0 * (0.6 - alike) / 0.3, "different", alike)
    return Finding(10.0 * (alike - 0.6) / 0.4, "same" if alike > 0.995 else "alike", alike)


def place(first: str, second: str, known: Frequencies) -> Finding:
    """Towns and states; people move, so that other ones say little."""
    alike = similarity(first, second)
    if alike < 0.6:
        return Finding(-2.0 if known.worth("place", first, PLACE_MOST) > 3 else -0.5, "different", alike)
    worth = known.worth("place", first, PLACE_MOST) * (alike - 0.6) / 0.4
    return Finding(worth, "same" if alike == 1 else "alike", alike)


def code(first: str, second: str, known: Frequencies) -> Finding:
    """Postcodes."""
    if first == second:
        return Finding(known.worth("code", first, CODE_MOST), "same")
    slip = OSA.distance(first, second, score_cutoff=1) == 1
    return Finding(2.0, "slip", 0.8) if slip else Finding(-2.0, "different", 0.0)


def record(first: str, second: str, known: Frequencies) -> Finding:
    """The record pointed to: colleagues share it."""
    return Finding(4.0, "same") if first == second else Finding(-1.0, "different", 0.0)


COMPARE: Mapping[str, Callable[[Any, Any, Frequencies], Finding]] = {
    **{"person": person, "company": company, "identity": identity, "birthday": birthday, "phone": phone, "mail": mail},
    **{"domain": domain, "address": address, "place": place, "code": code, "record": record},
}


def weigh(
    sorts: tuple[str, ...], first: Compared, second: Compared, known: Frequencies
) -> tuple[float, dict[int, Finding]]:
    """The bits that speak for two records being the same, with what each comparison found."""
    findings: dict[int, Finding] = {}
    for index, one in first.items():
        other = second.get(index)
        if other is not None:
            findings[index] = COMPARE[sorts[index]](one, other, known)
    kinds = _shared(sorts, findings)
    own = sum(finding.bits for index, finding in findings.items() if sorts[index] not in kinds)
    shared = sum(finding.bits for index, finding in findings.items() if sorts[index] in kinds)
    return own + min(shared, SHARED_MOST), findings


def _shared(sorts: tuple[str, ...], findings: Mapping[int, Finding]) -> tuple[str, ...]:
    """What people share; of companies everything is their own."""
    if "person" not in sorts:
        return ()
    names = findings.get(sorts.index("person"))
    return SHARED_BY_OTHERS if names is not None and names.what == "different" else SHARED


def threshold(total: int) -> float:
    """Bits from which two of so many records count as the same."""
    return max(THRESHOLD, log2(max(total, 1)) + ODDS)


def percent(bits: float, least: float = THRESHOLD) -> float:
    """Bits as a figure for people: 50 at the threshold, 99 and more where there is no doubt."""
    return round(100 / (1 + exp(-(bits - least) * 0.35)), 1) if bits > -100 else 0.0
