"""The OpenAPI description of indexes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.field_index import BUILDING, FAILED, READY
from guanxi.web.api.describing import (
    MAYBE_NUMBER,
    MOMENT,
    NUMBER,
    TEXT,
    Json,
    choice,
    every,
    in_path,
    listed,
    location,
    needing,
    operation,
    some,
)

TAG = "index"


def general(actor: Actor) -> Json:
    """The paths, for administrators."""
    if not actor.is_administrator:
        return {}
    one = every(
        id=NUMBER, object=TEXT, field=TEXT, state=choice([BUILDING, READY, FAILED]), job=MAYBE_NUMBER,
        made_by=MAYBE_NUMBER, made_at=MOMENT,
    )  # fmt: skip
    wanted = needing(some(object=TEXT, field=TEXT), "object", "field")
    return {
        "/field-indexes": {
            "get": operation("field_indexes", TAG, _("The indexes that were added"), listed(one)),
            "post": operation(
                "field_indexes_add", TAG, _("Add an index, which a job builds"), one, status="202", body=wanted,
                sent={"object": "account", "field": "city"}, headers=location(),
            ),
        },
        "/field-indexes/{id}": {
            "parameters": [in_path("id")],
            "delete": operation("field_indexes_remove", TAG, _("Take an index away"), status="204", writes=True),
        },
    }  # fmt: skip
