"""The OpenAPI description of the journal's consumers and deliveries, for administrators."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.engine.administration.deliveries import MOST, STATUSES
from guanxi.web.api.describing import (
    COUNT,
    ID,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    array,
    choice,
    described,
    every,
    in_path,
    listed,
    operation,
    query,
    ref,
    some,
)

_TAG = "deliveries"
_ONE = ref("Delivery")


def paths() -> Json:
    """The paths."""
    lag = every(consumer=TEXT, behind=COUNT, more=YES_NO, since=MAYBE_MOMENT, waiting=COUNT, dead=COUNT)
    again = some(
        ids=array(ID, maxItems=MOST),
        consumer=TEXT,
        target=described(MAYBE_TEXT, _("A receiver of the consumer; all of them when left out.")),
        dead=described(YES_NO, _("Everything that failed for good.")),
        since=described(MOMENT, _("Everything written since then.")),
    )
    filters = [
        query("status", choice(list(STATUSES)), _("Only those in this state.")),
        query("consumer", TEXT, _("Only those of this consumer.")),
        query("target", TEXT, _("Only those to this receiver.")),
        query("before", ID, _("`next` of another page.")),
    ]
    return {
        "/journal": {
            "get": operation("journal", _TAG, _("How far the consumers of the journal are behind"), listed(lag))
        },
        "/deliveries": {
            "get": operation(
                "deliveries_list", _TAG, _("Deliveries, the newest 50 first"), listed(_ONE, next=MAYBE_NUMBER),
                parameters=filters,
            )
        },
        "/deliveries/{id}": {
            "parameters": [in_path("id")],
            "get": operation("deliveries_get", _TAG, _("One delivery, with what was sent"), _ONE),
        },
        "/deliveries/replay": {
            "post": operation(
                "deliveries_replay", _TAG, _("Let deliveries go again"), every(replayed=COUNT), body=again, sent={"ids": [7]}
            )
        },
    }  # fmt: skip


def schemas() -> Json:
    """The schema of a delivery."""
    base = every(
        id=NUMBER, record=NUMBER, attempts=COUNT, event=TEXT, consumer=TEXT, target=TEXT, object=TEXT,
        status=choice(list(STATUSES)), error=MAYBE_TEXT, detail=MAYBE_TEXT, response_status={"type": ["integer", "null"]},
        created_at=MAYBE_MOMENT, first_at=MAYBE_MOMENT, next_at=MAYBE_MOMENT, finished_at=MAYBE_MOMENT,
    )  # fmt: skip
    base["properties"] |= {"request": MAYBE_TEXT, "response": MAYBE_TEXT}
    return {"Delivery": base}
