"""The OpenAPI description of change sets, undo, histories and the feed of changes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.engine import changefeed
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    COUNT,
    DAY,
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
    location,
    operation,
    query,
    ref,
    some,
)

_TAG = "change_set"


def _days() -> list[Json]:
    return [
        query("from", DAY, _("First day, in the caller's time zone.")),
        query("to", DAY, _("Last day, included.")),
    ]


def general() -> Json:
    """The paths of change sets, and of the feed."""
    counted = every(count=COUNT, records=array(ref("ChangedRecord"), maxItems=500))
    refused = every(count=COUNT, records=array(ref("KeptRecord"), maxItems=500))
    act = every(
        id=NUMBER, at=MOMENT, actor=MAYBE_TEXT, done=array(every(object=TEXT, verb=TEXT, records=COUNT)),
        undoes=MAYBE_NUMBER, undone=YES_NO,
    )  # fmt: skip
    plan = every(id=NUMBER, at=MOMENT, undoes=MAYBE_NUMBER, possible=counted, refused=refused)
    done = every(change_set=MAYBE_NUMBER, records=COUNT, refused=refused)
    body = some(records=described(array(_reference()), _("All of it when left out.")))
    asked = [
        query("who", choice(["me", "all"]), _("`all` is for administrators and auditors.")),
        query("person", ID, _("Only what this person did.")),
        query("object", TEXT, _("Only what touched records of this object.")),
        *_days(),
        query("before", ID, _("`next` of another page.")),
    ]
    started = {
        "description": _("A job does it"),
        "headers": location(),
        "content": {"application/json": {"schema": every(job=NUMBER)}},
    }
    return {
        "/change-sets": {
            "get": operation(
                "change_sets", _TAG, _("What was done, newest first"), listed(act, next=MAYBE_NUMBER), parameters=asked
            )
        },
        "/change-sets/{id}": {
            "parameters": [in_path("id")],
            "get": operation("change_set", _TAG, _("What undoing the change set would do"), plan),
        },
        "/change-sets/{id}/undo": {
            "parameters": [in_path("id")],
            "post": operation(
                "change_set_undo", _TAG, _("Undo the change set, or do an undone one again"), done, body=body,
                body_required=False, sent={"records": ["account:12"]}, more={"202": started},
                description=_("More than 2,000 records are undone by a job: 202 with its address in `Location`."),
            ),
        },
        "/changes": {"get": _feed()},
    }  # fmt: skip


def _reference() -> Json:
    return {"type": "string", "pattern": "^[a-z][a-z0-9_]*:[0-9]{1,18}$", "examples": ["account:12"]}


def _feed() -> Json:
    limit = {"type": "integer", "minimum": 1, "maximum": changefeed.MOST, "default": 100}
    made = operation(
        "changes", "changes", _("Every change in order, for programs that keep a copy"),
        listed(ref("Change"), next=TEXT, more=YES_NO),
        parameters=[
            query("after", TEXT, _("`next` of another page, or `latest`; the beginning when left out.")),
            query("object", TEXT, _("Only changes of records of this object.")),
            query("limit", limit, _("How many at most.")),
        ],
        description=_(
            "Creations, changes, deletions, restorations, merges, as far as the caller may see the record now. Nothing is "
            "ever missed, however many write at the same moment. Ask again with `after` set to `next`, at once while `more` "
            "is true, else after a while."
        ),
        example={
            "data": [{
                "id": "1-18846", "at": "2026-11-22T07:12:34.092079Z", "object": "opportunity", "record": 1065,
                "verb": "updated", "actor": 38, "cause": "web", "change_set": 7301,
                "changes": {"next_step": {"before": "…", "after": "…"}},
            }],
            "next": "1-18846", "more": False,
        },
    )  # fmt: skip
    made["responses"]["410"] = {"$ref": "#/components/responses/Gone"}
    return made


def of(kind: ObjectType) -> Json:
    """The history of an object's records."""
    change = every(field=TEXT, before=TEXT, after=TEXT)
    entry = every(at=MOMENT, actor=MAYBE_TEXT, verb=TEXT, change_set=NUMBER, undone=YES_NO, changes=array(change))
    parameters = [
        query("field", TEXT, _("Only changes of this field.")),
        query("person", ID, _("Only changes by this person.")),
        *_days(),
        query("cursor", TEXT, _("`next` of another page.")),
    ]
    summary = _("The history of one %(object)s, newest first") % {"object": kind.label}
    return {
        f"/{kind.key}/{{id}}/history": {
            "parameters": [in_path("id")],
            "get": operation(
                f"{kind.key}_history", kind.key, summary, listed(entry, next=MAYBE_TEXT), parameters=parameters
            ),
        }
    }


def schemas() -> Json:
    """The schemas of changes."""
    way = choice(["values", "delete", "restore"])
    sides: Json = {
        "type": "object",
        "description": _("Before and after by field, in the form of the API; what may not be seen is left out."),
        "additionalProperties": {
            "type": "object", "required": ["before", "after"], "properties": {"before": {}, "after": {}}
        },
    }  # fmt: skip
    return {
        "ChangedRecord": every(object=TEXT, id=NUMBER, way=way),
        "KeptRecord": every(object=TEXT, id=NUMBER, way=choice([*way["enum"], "nothing", "impossible"]), reason=TEXT),
        "Change": every(
            id=TEXT, at=MOMENT, object=TEXT, record=NUMBER, verb=TEXT, actor=MAYBE_NUMBER, cause=TEXT, change_set=NUMBER,
            changes=sides,
        ),
    }  # fmt: skip
