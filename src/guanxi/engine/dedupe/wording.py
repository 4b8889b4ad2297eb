"""Evidence in words: “same identity number; names 94 % alike”."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.schema.definition import ObjectType

OPEN = ("read", "write")
RULES = "rules"
"""In the evidence of a pair: the exact rules that hold."""


def reasons(actor: Actor, kind: ObjectType, evidence: Mapping[str, Any]) -> list[str]:
    """What speaks for and against, in words, of fields that are open to the actor."""
    declared = kind.declaration.duplicates
    if declared is None:
        return []
    found = []
    for index, said in evidence.items():
        if index == RULES or int(index) >= len(declared.compared):
            continue
        (what, alike), place = said, int(index)
        one = declared.compared[place]
        if all(actor.field_level(kind.key, key) in OPEN for key in one.fields):
            found.append((_RANK.get(what, 3), place, _said(str(one.label), what, alike)))
    return [*_of_rules(actor, kind, evidence.get(RULES, ())), *(said for _rank, _place, said in sorted(found))]


def _of_rules(actor: Actor, kind: ObjectType, rules: Iterable[str]) -> list[str]:
    """The exact rules that hold, as far as their fields are open to the actor."""
    declared = kind.declaration.duplicates
    held = set(rules)
    return [
        str(rule.label)
        for rule in (declared.exact if declared else ())
        if rule.key in held
        and all(actor.field_level(kind.key, key) in OPEN for part in rule.parts for key in part.fields)
    ]


_RANK = {"same": 0, "swapped": 1, "slip": 1, "alike": 2, "different": 4}


def _said(label: str, what: str, alike: int) -> str:
    sayings = {
        "same": _("%(field)s: the same"),
        "swapped": _("%(field)s: swapped"),
        "slip": _("%(field)s: a slip apart"),
        "alike": _("%(field)s: %(percent)s %% alike"),
        "different": _("%(field)s: different"),
    }
    return sayings.get(what, "%(field)s") % {"field": label, "percent": alike}


def rules_in_words(kind: ObjectType, rules: Iterable[str]) -> list[str]:
    """The labels of exact rules."""
    declared = kind.declaration.duplicates
    labels = {rule.key: str(rule.label) for rule in declared.exact} if declared else {}
    return [labels[rule] for rule in labels if rule in set(rules)]
