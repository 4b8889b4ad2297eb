"""Keeping the grants of sharing rules in step with the records, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Case, Q, Value, When

from guanxi.access.models import Grant
from guanxi.access.sharing import LOCK, condition_of, fields_of, grant_for, rules_of
from guanxi.kernel import bulk, db
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door


def follow(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """Open and close the records just stored, as the rules of their object say; two queries for any number of records.

    The rules are read under a lock that a change of rules holds alone: none is missed that is being made at this moment.
    """
    if kind.declaration.kind != "standard":
        return
    db.lock(LOCK, shared=True)
    rules = rules_of(kind.key)
    if rules:
        door.actor.forget()
    program = door.as_program().actor
    touched = [draft.record.id for draft in drafts if draft.created]
    if rules and len(touched) < len(drafts):
        looked_at = frozenset[str]().union(*(fields_of(rule, kind, program) for rule in rules))
        touched += [d.record.pk for d in drafts if not d.created and any(d.changed(key) for key in looked_at)]
    if not rules or not touched:
        return
    named: dict[str, Any] = {
        f"_r{index}": _holds(condition_of(rule, kind, program)) for index, rule in enumerate(rules)
    }
    found = kind.model._default_manager.filter(pk__in=touched).annotate(**named).values_list("pk", *named)
    wanted = {
        (rule.pk, pk): rule for pk, *answers in found for rule, holds in zip(rules, answers, strict=True) if holds
    }
    held = {
        (rule_id, record): pk
        for pk, rule_id, record in Grant.objects.filter(
            object=kind.key, record__in=touched, rule__in=[rule.pk for rule in rules]
        ).values_list("pk", "rule_id", "record")
    }
    if gone := [pk for key, pk in held.items() if key not in wanted]:
        Grant.objects.filter(pk__in=gone).delete()
    bulk.insert(
        [grant_for(rule, record) for (rule_id, record), rule in wanted.items() if (rule_id, record) not in held]
    )


def _holds(condition: Q) -> Case | Value:
    if not condition:
        return Value(True)
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
