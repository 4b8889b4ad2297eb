"""The OpenAPI description of search, notifications and following."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.engine.notifications.choices import DAYS
from guanxi.engine.notifications.kinds import CHANNELS, KINDS
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    COUNT,
    ID,
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
    some,
)

_TAG = "notifications"


def general() -> Json:
    """The paths that belong to no object."""
    hit = every(object=TEXT, id=NUMBER, title=TEXT, subtitle=MAYBE_TEXT, address=TEXT)
    notice = every(
        id=NUMBER, kind=MAYBE_TEXT, text=TEXT, object=MAYBE_TEXT, record=MAYBE_NUMBER, address=TEXT, created_at=MOMENT,
        read=YES_NO,
    )  # fmt: skip
    marking = some(ids=described(array(ID, maxItems=1000), _("All of them when left out.")))
    chosen = every(**_choices())
    return {
        "/search": {
            "get": operation(
                "search", "search", _("Search in everything by words, pinyin, initials, numbers"),
                listed(hit, more=YES_NO),
                parameters=[
                    query("q", {"type": "string", "minLength": 1, "pattern": r"\S"}, _("What to look for."), required=True,
                          example="hwjs"),
                    query("object", TEXT, _("Only this object.")),
                    query("limit", _limit(20), _("How many at most.")),
                ],
            )
        },
        "/notifications": {
            "get": operation(
                "notifications_list", _TAG, _("The caller's notifications, newest first"),
                listed(notice, next=MAYBE_TEXT, unread={"type": "integer", "maximum": 100}),
                parameters=[
                    query("unread", {**YES_NO, "default": False}, _("Only the unread ones.")),
                    query("limit", _limit(50), _("How many at most.")),
                    query("before", {"type": "string", "pattern": "^[0-9]{1,18}$"}, _("`next` of another page.")),
                ],
            )
        },
        "/notifications/read": {
            "post": operation(
                "notifications_read", _TAG, _("Mark as read"), every(marked=COUNT), body=marking, body_required=False,
                sent={"ids": [12]},
            )
        },
        "/notification-choices": {
            "get": operation("notification_choices_get", _TAG, _("What reaches the caller how"), chosen),
            "patch": operation(
                "notification_choices_change", _TAG, _("Change what reaches the caller how"), chosen,
                body=some(**_choices()), sent={"channels": {"own_changed": ["app", "digest"]}, "digest_time": "08:00"},
            ),
        },
    }  # fmt: skip


def _limit(usual: int) -> Json:
    return {"type": "integer", "minimum": 1, "maximum": 100, "default": usual}


def _choices() -> Json:
    ways = {key: described(array(choice(list(CHANNELS))), str(kind.label)) for key, kind in KINDS.items()}
    return {
        "channels": described(some(**ways), _("Ways by kind; no way switches the kind off.")),
        "digest_time": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
        "digest_days": choice(list(DAYS)),
    }


def of(kind: ObjectType) -> Json:
    """Following a record of an object."""
    state = every(follows=YES_NO)
    thing = {"object": str(kind.label)}
    return {
        f"/{kind.key}/{{id}}/follow": {
            "parameters": [in_path("id")],
            "get": operation(
                f"{kind.key}_follows", kind.key, _("Whether the caller follows the %(object)s") % thing, state
            ),
            "put": operation(
                f"{kind.key}_follow",
                kind.key,
                _("Be told what others change in the %(object)s") % thing,
                state,
                writes=True,
            ),
            "delete": operation(
                f"{kind.key}_unfollow", kind.key, _("Be told of the %(object)s no longer") % thing, state, writes=True
            ),
        }
    }
