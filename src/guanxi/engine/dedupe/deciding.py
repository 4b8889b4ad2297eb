"""What administrators decide about duplicates: the mode of each rule, and what is told of records somebody may not see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.engine.match_record import DuplicateSetting
from guanxi.engine.matching.modes import BLOCK, OFF, SIMILAR, WARN, forget, rules_of, settings_of
from guanxi.engine.parse import refusal
from guanxi.engine.write import Door
from guanxi.kernel.errors import Refused
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType

NOT_TOLD = ("encrypted", "long_text", "rich_text")


def tellable(kind: ObjectType) -> list[str]:
    """The fields that can be told to people who may not see a record."""
    return [
        field.key
        for field in kind.fields.values()
        if field.shown and not field.virtual and not field.system and field.kind.name not in NOT_TOLD
    ]


def decide(door: Door, kind: ObjectType, modes: Mapping[str, str], shown: Sequence[str] | None = None) -> None:
    """Set the modes of some rules, and the fields told. Raises :class:`Invalid`; for administrators alone."""
    if not door.actor.is_administrator:
        raise Refused(_("Only administrators may do this."))
    settings = settings_of(kind)
    if settings is None:
        raise Refused(_("%(objects)s have no rules for duplicates.") % {"objects": kind.plural})
    wrong = {}
    for rule, mode in modes.items():
        if rule not in rules_of(kind) or mode not in (OFF, WARN, BLOCK):
            wrong[rule] = [_("Choose off, warn or block.")]
        elif rule == SIMILAR and mode == BLOCK:
            wrong[rule] = [_("Similar records can only be warned of: they may be different ones.")]
    if any(key not in tellable(kind) for key in shown or ()):
        wrong["shown"] = [_("Choose from the fields of the list.")]
    if wrong:
        raise refusal(wrong)
    after = {**settings.modes, **modes}
    told = list(settings.shown if shown is None else shown)
    changes = {f"duplicates.{kind.key}.{rule}": [settings.modes[rule], mode] for rule, mode in after.items()}
    changes[f"duplicates.{kind.key}.shown"] = [", ".join(settings.shown), ", ".join(told)]
    changes = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return
    DuplicateSetting.objects.update_or_create(object=kind.key, defaults={"modes": after, "shown": told})
    registry.bump("schema")
    forget()
    door.recorder.record("security_policy", "updated", [(1, changes, None)])
    detail = "; ".join(f"{key}: {old} → {new}" for key, (old, new) in changes.items())
    audit.note("policy_changed", door.actor, object_key=kind.key, detail=detail)
