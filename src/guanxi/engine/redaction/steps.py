"""Carrying out a redaction step by step; each step is one transaction's worth of work and says where to go on."""

from __future__ import annotations

from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.models import Notification
from guanxi.engine.redaction.plan import FILES, Plan, personal
from guanxi.journal.models import Entry
from guanxi.journal.recorder import Recorder
from guanxi.journal.redaction import redact
from guanxi.kernel import clock
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

BATCH = 500
"""Entries, or follow-ups, of one step."""
TEXTS = frozenset(("text", "long_text", "rich_text"))
State = dict[str, Any]


def step(actor: Actor, plan: Plan, state: State) -> State | None:
    """Do the next step in the present transaction; the new state, or nothing once all is done."""
    stage = state.get("stage", "begin")
    if stage == "begin":
        return _begin(actor, plan)
    if stage == "record":
        return _entries(plan, state)
    if stage == "follow_ups":
        return _follow_ups(plan, state)
    if stage == "notices":
        _redact_notices(plan.object, [plan.record])
        return {**state, "stage": "end"}
    _tell(actor, plan, state)
    return None


def _begin(actor: Actor, plan: Plan) -> State:
    if plan.erase:
        erase(actor, plan)
    last = Entry.objects.filter(object=plan.object, record=plan.record).aggregate(last=Max("pk"))["last"]
    return {"stage": "record", "after": 0, "upto": last or 0, "entries": 0}


def erase(actor: Actor, plan: Plan) -> None:
    """Empty the fields of the record itself; what must not be empty says that it was redacted."""
    kind = snapshot().get(plan.object)
    values: dict[str, Any] = {}
    for key in plan.fields:
        field = kind.fields.get(key)
        if field is None or field.spec.read_only:
            continue
        if not field.spec.required:
            values[key] = None
        elif field.kind.name in TEXTS:
            values[key] = f"{_('Redacted')} {plan.record}" if field.spec.unique else _("Redacted")
    with write.change(actor.as_program(), "redaction") as door:
        door.update(plan.object, plan.record, values)


def _entries(plan: Plan, state: State) -> State:
    entries = Entry.objects.filter(object=plan.object, record=plan.record, pk__gt=state["after"], pk__lte=state["upto"])
    found = list(entries.order_by("pk")[:BATCH])
    number = state["entries"] + redact(found, plan.fields)
    if len(found) == BATCH:
        return {**state, "after": found[-1].pk, "entries": number}
    onward = "follow_ups" if plan.follow_ups else "notices"
    return {**state, "stage": onward, "kind": "", "after": 0, "entries": number}


def _follow_ups(plan: Plan, state: State) -> State:
    """The texts of follow-ups and tasks about the record, in the history alone."""
    kinds = streams(plan.object)
    keys = [kind.key for kind, _pointing in kinds]
    index = keys.index(state["kind"]) if state["kind"] in keys else 0
    if not keys:
        return {**state, "stage": "notices"}
    kind, pointing = kinds[index]
    condition = Q(pk__in=())
    for field in pointing:
        value: Any = f"{plan.object}:{plan.record}" if field.kind.family == "reference" else plan.record
        condition |= Q(**{field.attribute: value})
    rows = kind.model._default_manager.filter(condition, pk__gt=state["after"]).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:BATCH])
    entries = list(Entry.objects.filter(object=kind.key, record__in=ids))
    number = state["entries"] + redact(entries, {*personal(kind), FILES})
    _redact_notices(kind.key, ids)
    if len(ids) == BATCH:
        return {**state, "kind": kind.key, "after": ids[-1], "entries": number}
    if index + 1 < len(keys):
        return {**state, "kind": keys[index + 1], "after": 0, "entries": number}
    return {**state, "stage": "notices", "entries": number}


def streams(object_key: str) -> list[tuple[ObjectType, list[FieldDefinition]]]:
    """The objects whose records are about a record of this object, with the fields that say so."""
    found = []
    for kind in snapshot():
        declared = kind.declaration.stream
        fields = [kind.fields[via] for via in declared.via] if declared is not None else []
        pointing = [f for f in fields if f.kind.family == "reference" or f.spec.target == object_key]
        if pointing:
            found.append((kind, pointing))
    return found


def _redact_notices(object_key: str, ids: list[int]) -> None:
    """Notifications name the record they are about."""
    told = Notification.objects.filter(object=object_key, record__in=ids)
    told.update(text_en="Redacted for data protection", text_zh="因数据保护要求已隐去")


def _tell(actor: Actor, plan: Plan, state: State) -> None:
    """The journal and the audit log learn that it was done, which fields and why; never what they held."""
    moment = clock.now()
    changes: dict[str, list[Any]] = {
        "redaction.fields": [None, list(plan.fields)],
        "redaction.entries": [None, state["entries"]],
        "redaction.reason": [None, plan.reason],
    }
    Recorder(moment, actor.user_id, "redaction").record(plan.object, "redacted", [(plan.record, changes, None)])
    detail = f"{', '.join(plan.fields)}; {state['entries']} entries; {plan.reason}"
    audit.note("redacted", actor, object_key=plan.object, record=plan.record, detail=detail)
