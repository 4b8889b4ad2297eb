"""The OpenAPI description of jobs, redaction and retention."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.job import FINISHED, UNFINISHED
from guanxi.engine.redaction.plan import REASON
from guanxi.engine.retention.policy import LIMITS
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    COUNT,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    choice,
    described,
    every,
    in_path,
    listed,
    location,
    needing,
    operation,
    or_null,
    query,
    ref,
    some,
)

_JOB = ref("Job")
_TAG = "job"


def general(actor: Actor) -> Json:
    """The paths of jobs and, for administrators, of the rules of retention."""
    everybody = query("all", {**YES_NO, "default": False}, _("Everybody's jobs; for administrators."))
    paths: Json = {
        "/jobs": {
            "get": operation(
                "jobs_list", _TAG, _("The caller's jobs, the latest 100"), listed(_JOB), parameters=[everybody]
            )
        },
        "/jobs/{id}": {"parameters": [in_path("id")], "get": operation("jobs_get", _TAG, _("One job"), _JOB)},
        "/jobs/{id}/cancel": {
            "parameters": [in_path("id")],
            "post": operation("jobs_cancel", _TAG, _("Ask a job to stop"), _JOB, writes=True),
        },
    }
    if actor.is_administrator:
        rules = some(**{
            key: {"type": "integer", "minimum": low, "maximum": high} for key, (low, high) in LIMITS.items()
        })  # fmt: skip
        paths["/retention-policy"] = {
            "get": operation("retention_policy", "security", _("How long things are kept; 0 is for ever"), rules),
            "patch": operation(
                "retention_policy_change", "security", _("Change how long things are kept"), rules, body=rules,
                sent={"recycle_bin_days": 30},
            ),
        }  # fmt: skip
    return paths


def of(kind: ObjectType, actor: Actor) -> Json:
    """The path of an object's redaction, for administrators."""
    if not actor.is_administrator or kind.declaration.kind == "log":
        return {}
    wanted = needing(
        some(
            fields=described(
                {"type": ["array", "null"], "items": TEXT},
                _("Keys of fields; those that usually hold data of a person when left out."),
            ),
            reason={"type": "string", "minLength": 3, "maxLength": REASON},
            follow_ups={**YES_NO, "default": False, "description": _("Texts of follow-ups about it as well.")},
            erase={**YES_NO, "default": False, "description": _("Empty the record's own fields as well.")},
        ),
        "reason",
    )
    done = every(entries=MAYBE_NUMBER, job=or_null(_JOB))
    started = {
        "description": _("A job does it"),
        "headers": location(),
        "content": {"application/json": {"schema": done}},
    }
    summary = _("Take values out of the history of one %(object)s, for good") % {"object": kind.label}
    return {
        f"/{kind.key}/{{id}}/redact": {
            "parameters": [in_path("id")],
            "post": operation(
                f"{kind.key}_redact", kind.key, summary, done, body=wanted, sent={"reason": _("Asked to be forgotten")},
                more={"202": started},
            ),
        }
    }  # fmt: skip


def schemas() -> Json:
    """The schema of a job."""
    result: Json = {
        "type": ["object", "null"],
        "properties": {
            "en": TEXT,
            "zh": TEXT,
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "address": TEXT,
        },
    }
    return {
        "Job": every(
            id=NUMBER, kind=TEXT, title=every(en=TEXT, zh=TEXT), status=choice([*UNFINISHED, *FINISHED]), done=COUNT,
            total=MAYBE_NUMBER, message=MAYBE_TEXT, result=result, error=MAYBE_TEXT, cancel_requested=YES_NO,
            started_by=MAYBE_NUMBER, created_at=MOMENT, started_at=MAYBE_MOMENT, finished_at=MAYBE_MOMENT,
        )
    }  # fmt: skip
