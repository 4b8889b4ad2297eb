"""Is this record there already? Asked while it is typed, when it is saved, and through the API: a few look-ups by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log2
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.dedupe import records
from guanxi.engine.dedupe.comparable import comparable
from guanxi.engine.dedupe.evidence import THRESHOLD, percent, weigh
from guanxi.engine.dedupe.frequencies import Frequencies
from guanxi.engine.dedupe.scanning import told
from guanxi.engine.dedupe.shown import Shown, show
from guanxi.engine.dedupe.wording import OPEN, reasons, rules_in_words
from guanxi.engine.match_record import MatchKey
from guanxi.engine.matching.keys import NAMED, NEAR, Key, Read, keys_of, values_of
from guanxi.engine.matching.modes import OFF, SIMILAR, Settings, settings_of
from guanxi.engine.merging import survivor_of
from guanxi.schema.definition import ObjectType
from guanxi.schema.duplicates import Duplicates, ExactRule

LOOKED_AT = 200
"""So many entries of the index are looked at."""
GIVEN = 5
"""So many records are told of."""


@dataclass(frozen=True)
class Match:
    """A record that is the same, or looks it. ``rules`` are the exact rules that found it; ``score`` is 100 then."""

    shown: Shown
    rules: tuple[str, ...]
    score: float
    reasons: tuple[str, ...]
    blocks: bool

    def as_json(self) -> dict[str, Any]:
        """For programs: with its id where the caller may see it, with the few fields told to everybody otherwise."""
        shown = self.shown
        return {
            "object": shown.kind.key,
            "id": shown.id,
            "title": shown.title,
            "rules": list(self.rules),
            "score": self.score,
            "reasons": list(self.reasons),
            "fields": dict(shown.fields),
            "deleted": shown.deleted,
            "owner": shown.owner or None,
        }


@dataclass(frozen=True)
class Check:
    """The answer: the records found, those that block first."""

    kind: ObjectType
    matches: tuple[Match, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether a rule refuses to write the record."""
        return any(match.blocks for match in self.matches)


@dataclass
class _Found:
    rules: set[str] = field(default_factory=set)
    score: float = 100.0
    evidence: dict[str, Any] = field(default_factory=dict)


def check(actor: Actor, kind: ObjectType, values: Mapping[str, Any], record: int | None = None) -> Check:
    """The records that are the same as one with these values (of the fields' kinds), or look it.

    ``record`` is the one being changed. What is found by an exact rule is told whoever asks, with the fields that are open
    to everybody; what only looks the same is told of records that the actor may see. Fields that are closed to the actor
    are not looked at: the answer would tell what they hold.
    """
    declared, settings = kind.declaration.duplicates, settings_of(kind)
    if declared is None or settings is None:
        return Check(kind)
    rules = [rule for rule in declared.exact if settings.modes[rule.key] != OFF and _open(actor, kind, rule)]
    near = settings.modes.get(SIMILAR, OFF) != OFF
    wanted = {(rule.key, value) for rule in rules for value in values_of(rule, values.get)}
    if near:
        wanted |= {key for key in keys_of(declared, values.get) if key[0].startswith(NEAR)}
    exact, similar = _looked_up(kind, wanted)
    exact = _led_on(actor, kind, exact, record)
    similar -= {*exact, *([record] if record is not None else ())}
    if similar:
        exact |= _similar(actor, kind, declared, values.get, similar)
    return Check(kind, _matches(actor, kind, settings, exact))


def matches_of(actor: Actor, kind: ObjectType, found: Mapping[int, set[str]]) -> Check:
    """The records that a blocking rule found, as they may be told to the actor."""
    settings = settings_of(kind)
    assert settings is not None
    return Check(kind, _matches(actor, kind, settings, {pk: _Found(set(rules)) for pk, rules in found.items()}))


def _open(actor: Actor, kind: ObjectType, rule: ExactRule) -> bool:
    return all(actor.field_level(kind.key, key) in OPEN for part in rule.parts for key in part.fields)


def _looked_up(kind: ObjectType, wanted: set[Key]) -> tuple[dict[int, _Found], set[int]]:
    """The records with the exact keys, by rule, and those with keys that lead to similar ones."""
    exact: dict[int, _Found] = {}
    for rule, record in _of_keys(kind, {key for key in wanted if not key[0].startswith(NEAR)}):
        exact.setdefault(record, _Found()).rules.add(rule)
    return exact, {record for _rule, record in _of_keys(kind, {key for key in wanted if key[0].startswith(NEAR)})}


def _of_keys(kind: ObjectType, wanted: set[Key]) -> list[tuple[str, int]]:
    """(rule, record) of the entries with these keys, a bounded number of them."""
    if not wanted:
        return []
    rows = MatchKey.objects.filter(value__in={value for _rule, value in wanted}, object=kind.key)
    found = rows.values_list("rule", "value", "record")[:LOOKED_AT]
    return [(rule, record) for rule, value, record in found if (rule, value) in wanted]


def _led_on(actor: Actor, kind: ObjectType, exact: dict[int, _Found], record: int | None) -> dict[int, _Found]:
    """Merged records stand for the one they became part of; the record being changed is no duplicate of itself."""
    rows = kind.model._default_manager.filter(pk__in=list(exact)).exclude(deleted_at=None)
    binned = set(rows.values_list("pk", flat=True))
    led: dict[int, _Found] = {}
    for pk, found in exact.items():
        to = (survivor_of(kind.key, pk) or pk) if pk in binned else pk
        if to != record:
            led.setdefault(to, _Found()).rules.update(found.rules)
    return led


def _similar(actor: Actor, kind: ObjectType, declared: Duplicates, read: Read, ids: set[int]) -> dict[int, _Found]:
    """Those among the visible records that look the same."""
    if not _compared_open(actor, kind, declared):
        return {}
    seen = set(among(actor, kind, ids).filter(deleted_at=None).values_list("pk", flat=True))
    sorts = tuple(one.sort for one in declared.compared)
    own = comparable(declared, read)
    known = _Common(len(ids))
    found: dict[int, _Found] = {}
    for pk, other in records.values_by_id(kind, seen).items():
        bits, findings = weigh(sorts, own, comparable(declared, other), known)
        if bits >= THRESHOLD:
            found[pk] = _Found(score=percent(bits), evidence=told(findings))
    return found


def _compared_open(actor: Actor, kind: ObjectType, declared: Duplicates) -> bool:
    """The score adds up every comparison, so that a single closed field would show in it."""
    return all(actor.field_level(kind.key, key) in OPEN for one in declared.compared for key in one.fields)


class _Common(Frequencies):
    """Without counting every record: how many share the name tells how common it is."""

    def __init__(self, sharing: int) -> None:
        super().__init__()
        self.less = log2(max(sharing, 1))

    def worth(self, sort: str, value: str, most: float) -> float:
        """The most, less for what many share."""
        return max(1.0, most - self.less) if sort in ("name", NAMED) else most


def _matches(actor: Actor, kind: ObjectType, settings: Settings, found: Mapping[int, _Found]) -> tuple[Match, ...]:
    blocking = settings.blocking
    order = sorted(found, key=lambda pk: (not found[pk].rules & blocking, not found[pk].rules, -found[pk].score, pk))
    shown = show(actor, kind, order[:GIVEN], settings.shown)
    matches = []
    for pk in order[:GIVEN]:
        if pk in shown:
            one = found[pk]
            said = rules_in_words(kind, one.rules) if one.rules else reasons(actor, kind, one.evidence)
            blocks = bool(one.rules & blocking)
            matches.append(Match(shown[pk], tuple(sorted(one.rules)), one.score, tuple(said), blocks))
    return tuple(matches)


def exactly(check_: Check) -> Sequence[Match]:
    """The matches that a rule found equal."""
    return [match for match in check_.matches if match.rules]
