"""What administrators decided about the rules, kept in memory as long as the schema is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from guanxi.engine.match_record import DuplicateSetting
from guanxi.kernel import db
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import Snapshot, snapshot

OFF, WARN, BLOCK = "off", "warn", "block"
SIMILAR = "similar"
"""The rule of records that are alike without being equal: it warns, and never blocks."""


@dataclass(frozen=True)
class Settings:
    """The settings of one object."""

    modes: Mapping[str, str]
    shown: tuple[str, ...]

    @property
    def blocking(self) -> frozenset[str]:
        """The rules that refuse."""
        return frozenset(rule for rule, mode in self.modes.items() if mode == BLOCK)


_held: dict[str, tuple[Snapshot, dict[str, Settings]]] = {}


def settings_of(kind: ObjectType) -> Settings | None:
    """The settings of an object; ``None`` where it has no rules. Read once per version of the schema and process."""
    if kind.declaration.duplicates is None:
        return None
    current = snapshot()
    held = _held.get(db.alias())
    if held is None or held[0] is not current:
        rows = {row.object: row for row in DuplicateSetting.objects.all()}
        found = {one.key: _settings(one, rows.get(one.key)) for one in current if one.declaration.duplicates}
        held = _held[db.alias()] = (current, found)
    return held[1].get(kind.key)


def forget() -> None:
    """Read the settings anew: a transaction that changed them was rolled back."""
    _held.clear()


def rules_of(kind: ObjectType) -> Sequence[str]:
    """The keys of an object's rules, the one of similar records last."""
    declared = kind.declaration.duplicates
    if declared is None:
        return ()
    return (*(rule.key for rule in declared.exact), *((SIMILAR,) if declared.compared else ()))


def _settings(kind: ObjectType, row: DuplicateSetting | None) -> Settings:
    declared = kind.declaration.duplicates
    assert declared is not None
    chosen = row.modes if row is not None else {}
    shown = row.shown if row is not None and row.shown is not None else list(declared.shown)
    return Settings(
        {rule: chosen.get(rule, WARN) for rule in rules_of(kind)}, tuple(key for key in shown if key in kind.fields)
    )
