"""The OpenAPI description of summaries."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import summaries
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    array,
    every,
    listed,
    location,
    operation,
    or_null,
    query,
    ref,
)

TAG = "index"
MAYBE_SECONDS: Json = {"type": ["number", "null"], "minimum": 0}


def of(kind: ObjectType, actor: Actor) -> Json:
    """The summary of an object."""
    groups = ", ".join(f"`{field.key}`" for field in summaries.groupable(actor, kind))
    numbers = ", ".join(f"`{field.key}`" for field in summaries.summable(actor, kind)) or _("none")
    by = _(
        "Up to three of %(fields)s, separated by commas; after a date `:day`, `:month`, `:quarter` or `:year`. Without it, "
        "everything is one group."
    )
    added = _("Which of %(fields)s to add up, separated by commas. Amounts come in the company's currency.")
    live = _("Add up the records themselves, even where sums are kept. Both give the same figures.")
    made = operation(
        f"{kind.key}_summary",
        kind.key,
        _("Count %(objects)s and add fields up, per group") % {"objects": str(kind.plural)},
        every(data=array(ref("SummaryLine")), number=NUMBER, sums=_sums(), kept=YES_NO, behind=MAYBE_SECONDS),
        parameters=[
            query("filter", TEXT, _("As for the list.")),
            query("by", TEXT, by % {"fields": groups}),
            query("sum", TEXT, added % {"fields": numbers}),
            query("live", {**YES_NO, "default": False}, live),
        ],
    )
    return {f"/{kind.key}/summary": {"get": made}}


def general(actor: Actor) -> Json:
    """The sums that are kept, for administrators."""
    if not actor.is_administrator:
        return {}
    one = every(
        object=TEXT, key=TEXT, by=array(TEXT), sums=array(TEXT), in_use=YES_NO, built_at=or_null(MOMENT),
        checked_at=or_null(MOMENT), put_right=NUMBER,
    )  # fmt: skip
    started = operation(
        "kept_sums_compare", TAG, _("Compare the kept sums with the records, in a job"), every(job=NUMBER), status="202",
        writes=True, headers=location(),
    )  # fmt: skip
    return {
        "/kept-sums": {"get": operation("kept_sums", TAG, _("The sums that are kept"), listed(one)), "post": started}
    }


def schemas() -> Json:
    """One group."""
    value: Json = {"type": ["string", "integer", "boolean", "null"]}
    return {
        "SummaryLine": every(
            values={"type": "object", "additionalProperties": value},
            labels={"type": "object", "additionalProperties": TEXT},
            number=NUMBER,
            sums=_sums(),
        )
    }


def _sums() -> Json:
    return {"type": "object", "additionalProperties": {"type": ["string", "integer", "number", "null"]}}
