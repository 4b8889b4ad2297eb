"""“Is this company taken?”: for people who are about to call a company, without telling more than an administrator chose."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.access.actor import Actor
from guanxi.engine.dedupe import records
from guanxi.engine.dedupe.evidence import similarity
from guanxi.engine.dedupe.shown import Shown, show
from guanxi.engine.dedupe.wording import OPEN
from guanxi.engine.match_record import MatchKey
from guanxi.engine.matching.keys import NAMED, Key, company_keys
from guanxi.engine.matching.modes import settings_of
from guanxi.engine.matching.normalising import company
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

LOOKED_AT = 200
GIVEN = 10
ALIKE = 0.8


@dataclass(frozen=True)
class Taken:
    """One record of the company, or of one with nearly the same name."""

    shown: Shown
    same: bool


def objects(actor: Actor) -> list[ObjectType]:
    """The objects in which companies are looked for, whose naming field is open to the actor."""
    return [
        kind
        for kind in snapshot()
        if (declared := kind.declaration.duplicates) is not None
        and declared.company
        and actor.can("read", kind.key)
        and actor.field_level(kind.key, declared.company) in OPEN
    ]


def taken(actor: Actor, name: str) -> list[Taken]:
    """The live records that name the company, the same names before the similar ones; at most ten of each object."""
    core = company(name)
    found: list[Taken] = []
    if len(core) < 2:
        return found
    keys = set(company_keys(name))
    for kind in objects(actor):
        same = of_keys(kind, {key for key in keys if key[0] == NAMED})
        near = of_keys(kind, {key for key in keys if key[0] != NAMED})
        found += _of(actor, kind, core, same, near - same)
    return sorted(found, key=lambda one: not one.same)


def of_keys(kind: ObjectType, keys: set[Key]) -> set[int]:
    """The records with one of these keys, a bounded number of them."""
    rows = MatchKey.objects.filter(value__in=[value for _rule, value in keys], object=kind.key)
    found = rows.values_list("rule", "value", "record")[:LOOKED_AT]
    return {record for rule, value, record in found if (rule, value) in keys}


def _of(actor: Actor, kind: ObjectType, core: str, same: set[int], near: set[int]) -> list[Taken]:
    declared, settings = kind.declaration.duplicates, settings_of(kind)
    assert declared is not None and settings is not None
    live = kind.model._default_manager.filter(pk__in=same | near, deleted_at=None).values_list("pk", flat=True)
    names = {pk: company(str(read(declared.company) or "")) for pk, read in records.values_by_id(kind, live).items()}
    alike = {pk: similarity(core, other) for pk, other in names.items()}
    kept = [pk for pk in names if pk in same or (declared.company in settings.shown and alike[pk] >= ALIKE)]
    # A similar name is told only where names are told: otherwise the answer would spell them out letter by letter.
    order = sorted(kept, key=lambda pk: (pk not in same, -alike[pk], pk))[:GIVEN]
    told = show(actor, kind, order, settings.shown)
    return [Taken(told[pk], pk in same) for pk in order if pk in told]
