"""Redacting at once where there is little to go through, and as a job otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.job import Job
from guanxi.engine.jobs import Context, Result
from guanxi.engine.redaction.plan import Plan
from guanxi.engine.redaction.steps import step
from guanxi.engine.retention.policy import require_administrator
from guanxi.journal.models import Entry
from guanxi.kernel import db
from guanxi.kernel.labels import Label
from guanxi.schema.registry import snapshot

KIND = "redact"
AT_ONCE = 500
"""Up to so many entries of the record nobody has to wait for a job."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many entries were redacted, or the job that does it."""

    entries: int = 0
    job: Job | None = None


def run(actor: Actor, plan: Plan) -> Outcome:
    """Carry out a plan that :func:`guanxi.engine.redaction.plan.make` has checked. Nothing can take it back."""
    require_administrator(actor)
    entries = Entry.objects.filter(object=plan.object, record=plan.record)
    if plan.follow_ups or entries.order_by()[: AT_ONCE + 1].count() > AT_ONCE:
        kind = snapshot().get(plan.object).label
        # Without the title of the record: the list of jobs is no place for it.
        title = Label(f"Redacting the history of {kind.en} {plan.record}", f"隐去{kind.zh} {plan.record} 的历史数据")
        return Outcome(job=jobs.start(actor, KIND, plan.as_json(), title))
    state: dict[str, Any] | None = {}
    number = 0
    with db.atomic():
        while state is not None:
            number = state.get("entries", number)
            state = step(actor, plan, state)
    return Outcome(number)


@jobs.job(KIND)
def redact_as_job(context: Context, **arguments: Any) -> Result:
    """The same in small transactions, gone on with after an interruption."""
    plan = Plan(**{**arguments, "fields": tuple(arguments["fields"])})
    number = int(context.state.get("entries", 0))
    while context.state.get("stage") != "done":
        context.check_cancelled()
        require_administrator(context.actor)
        with db.atomic():
            state = step(context.actor, plan, context.state)
            number = int((state or context.state).get("entries", 0))
            context.checkpoint(state or {**context.state, "stage": "done"}, done=number)
    text = Label(f"{number:,} entries of the history redacted.", f"已隐去 {number:,} 条历史记录中的数据。")
    return Result(text, {"entries": number})
