"""Keeps the keys of records in step with what is written, and refuses what a rule forbids. The write door calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from guanxi.engine.match_record import MatchKey
from guanxi.engine.matching.keys import Key, keys_of_each, read_fields, values_of
from guanxi.engine.matching.modes import settings_of
from guanxi.kernel import bulk, db
from guanxi.kernel.errors import Conflict
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door

UNCHECKED = ("undo", "redo", "merge")
"""Causes of changes that give back or put together what there was: those are never refused as duplicates."""
CHUNK = 500


class Duplicate(Conflict):
    """Records of this object are there already: ``found`` names them with the rules that found them, ``places`` those of
    the records being written, by their place in the batch (at most 2,000 records) that the door was writing."""

    code = "duplicate"

    def __init__(self, message: str, kind: ObjectType, found: dict[int, set[str]], places: set[int]) -> None:
        super().__init__(message)
        self.kind = kind
        self.found = found
        self.places = places


def keep(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """Write the keys of the records just stored; one statement for new ones, two where fields of keys changed."""
    declared = kind.declaration.duplicates
    if declared is None:
        return
    fields = read_fields(kind)
    touched = [draft for draft in drafts if draft.created or any(draft.changed(key) for key in fields)]
    if not touched:
        return
    found = keys_of_each(declared, [draft.get for draft in touched])
    keys = {draft.record.id: one for draft, one in zip(touched, found, strict=True)}
    settings = settings_of(kind)
    if settings is not None and settings.blocking and door.recorder.cause not in UNCHECKED:
        _refuse(kind, touched, keys, settings.blocking)
    write(kind, keys, [draft.record.id for draft in touched if not draft.created])


def write(kind: ObjectType, keys: dict[int, set[Key]], known: Sequence[int]) -> None:
    """Replace the keys of records; ``known`` are those that may have some already."""
    if known:
        MatchKey.objects.filter(object=kind.key, record__in=known).delete()
    rows = [(kind.key, rule, value, pk) for pk, found in keys.items() for rule, value in found]
    bulk.insert_rows(MatchKey, ("object", "rule", "value", "record"), rows)


def _refuse(kind: ObjectType, drafts: Sequence[Draft], keys: dict[int, set[Key]], blocking: frozenset[str]) -> None:
    """Raise :class:`Duplicate` where a draft, by what it changes, becomes equal to a record there is or to another draft."""
    declared = kind.declaration.duplicates
    assert declared is not None
    db.lock(f"duplicates:{kind.key}")
    rules = {rule.key: rule for rule in declared.exact}
    fresh: dict[Key, int] = {}
    found: dict[int, set[str]] = {}
    refused: set[int] = set()
    for draft in drafts:
        for rule, value in keys[draft.record.pk]:
            if rule not in blocking or (not draft.created and value in values_of(rules[rule], draft.was)):
                continue
            other = fresh.setdefault((rule, value), draft.record.pk)
            if other != draft.record.pk:
                found.setdefault(other, set()).add(rule)
                refused.add(draft.record.pk)
    own = set(keys)
    pairs = list(fresh)
    for start in range(0, len(pairs), CHUNK):
        chunk = pairs[start : start + CHUNK]
        rows = MatchKey.objects.filter(
            object=kind.key, rule__in=blocking, value__in=[value for _rule, value in chunk]
        ).values_list("rule", "value", "record")
        for rule, value, record in rows:
            if (rule, value) in fresh and record not in own:
                found.setdefault(record, set()).add(rule)
                refused.add(fresh[(rule, value)])
    if found:
        raise Duplicate(
            _("This %(object)s is there already. Open the one that was found, or ask its owner.")
            % {"object": kind.label},
            kind,
            found,
            {place for place, draft in enumerate(drafts) if draft.record.pk in refused},
        )
