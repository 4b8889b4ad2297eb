"""The OpenAPI description of duplicates."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.dedupe.reviewing import reviewed
from guanxi.engine.dedupe.taken import objects as taken_objects
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    MAYBE_NUMBER,
    MAYBE_TEXT,
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
    needing,
    operation,
    query,
    ref,
    some,
)
from guanxi.web.api.examples import values_of

TAG = "duplicates"
_TEXTS: Json = {"type": "object", "additionalProperties": TEXT}
_SCORE: Json = {"type": "number", "minimum": 0, "maximum": 100}


def allowing(kind: ObjectType) -> list[Json]:
    """What writing a record takes besides its values, where duplicates of it are looked for."""
    if kind.declaration.duplicates is None:
        return []
    said = _(
        "Leave the check out. Without it, records that may be the same come as `warnings`; what a rule refuses is refused "
        "either way (409 with `duplicates`)."
    )
    return [query("allow_duplicates", {**YES_NO, "default": False}, said)]


def of(kind: ObjectType, actor: Actor) -> Json:
    """The check of an object."""
    if kind.declaration.duplicates is None:
        return {}
    sent: Json = {"type": "object", "description": _("Values as for creating, as many as are known.")}
    result = every(blocked=YES_NO, matches=array(ref("DuplicateMatch")))
    summary = _("Whether a %(object)s is there already") % {"object": str(kind.label)}
    made = operation(f"{kind.key}_duplicates", kind.key, summary, result, body=sent, sent=values_of(actor, kind))
    return {f"/{kind.key}/duplicates": {"post": made}}


def schemas() -> Json:
    """The schemas that every object shares."""
    return {
        "DuplicateMatch": every(
            object=TEXT,
            id=described(MAYBE_NUMBER, _("Null where the caller may not see the record.")),
            title=TEXT,
            rules=described(array(TEXT), _("The exact rules that found it; none when it is similar.")),
            score=_SCORE,
            reasons=array(TEXT),
            fields=_TEXTS,
            deleted=YES_NO,
            owner=MAYBE_TEXT,
        )
    }


def general(actor: Actor) -> Json:
    """The paths that belong to no single object."""
    paths: Json = {}
    if taken_objects(actor):
        name = query("name", {**TEXT, "minLength": 1, "maxLength": 200}, _("The company's name."), required=True)
        one = every(object=TEXT, id=MAYBE_NUMBER, title=TEXT, same=YES_NO, fields=_TEXTS, owner=MAYBE_TEXT)
        summary = _("Whether a company is known, and whose it is")
        paths["/taken"] = {"get": operation("taken", TAG, summary, listed(one, taken=YES_NO), parameters=[name])}
    if kinds := reviewed(actor):
        paths |= _review([kind.key for kind in kinds])
    if actor.is_administrator:
        paths["/duplicate-rules"] = _rules()
    return paths


def _review(keys: list[str]) -> Json:
    one = choice(keys)
    group = every(id=NUMBER, score=_SCORE, reasons=array(TEXT), records=array({"type": "object"}))
    asked = [
        query("object", one, _("The object whose records are compared."), required=True),
        query("after", {"type": "string", "pattern": "^[0-9]{1,18}$"}, _("`next` of another page.")),
    ]
    return {
        "/duplicates": {
            "get": operation(
                "duplicates", TAG, _("Groups of records that look the same, the surest first"),
                listed(group, next=MAYBE_NUMBER), parameters=asked,
            )
        },
        "/duplicates/scan": {
            "post": operation(
                "duplicates_scan", TAG, _("Look for duplicates, by a job"), {"type": "object"}, status="202",
                body=needing(some(object=one), "object"), sent={"object": keys[0]}, headers=location(),
            )
        },
        "/duplicates/{id}/apart": {
            "parameters": [in_path("id")],
            "post": operation(
                "duplicates_apart", TAG, _("The records of a group are not the same"), status="204", writes=True
            ),
        },
    }  # fmt: skip


def _rules() -> Json:
    modes = {"type": "object", "additionalProperties": choice(["off", "warn", "block"])}
    every_object: Json = {"type": "object", "additionalProperties": some(rules=modes, shown=array(TEXT))}
    return {
        "get": operation("duplicate_rules", TAG, _("The rules for duplicates"), every_object),
        "patch": operation(
            "duplicate_rules_update", TAG, _("Change rules for duplicates"), every_object, body=every_object,
            sent={"account": {"rules": {"name": "block"}}},
        ),
    }  # fmt: skip
