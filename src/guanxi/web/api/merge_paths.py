"""The OpenAPI description of merging."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.merging.run import can_merge
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    COUNT,
    ID,
    NUMBER,
    Json,
    array,
    described,
    every,
    in_path,
    needing,
    operation,
    ref,
    some,
)
from guanxi.web.api.record_paths import name_of

_VERSION: Json = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def of(kind: ObjectType, actor: Actor) -> Json:
    """The path that merges records of an object, where the actor may."""
    if not can_merge(actor, kind):
        return {}
    records = array(ID, minItems=1, maxItems=9)
    values = {"type": "object", "additionalProperties": {"oneOf": [ID, {"const": "all"}]}}
    versions = {"type": "object", "propertyNames": {"pattern": "^[0-9]{1,18}$"}, "additionalProperties": _VERSION}
    body = some(
        records=described(records, _("The records that become part of this one and go to the recycle bin.")),
        values=described(
            values,
            _(
                "By field, the id of the record whose value is kept; `all` puts several values together. Left out, this "
                "record's value is kept where it has one, and the newest of the others where it has none."
            ),
        ),
        versions=described(versions, _("By record id, the version that was read: refused if it changed since.")),
    )
    done = every(
        change_set=described(NUMBER, _("What undo takes back.")),
        moved=described(COUNT, _("How many records that the caller may see point to this one now.")),
        record=ref(name_of(kind)),
    )
    summary = _("Merge %(objects)s into this one") % {"objects": str(kind.plural)}
    made = operation(f"{kind.key}_merge", kind.key, summary, done, body=needing(body, "records"), sent={"records": [2]})
    return {f"/{kind.key}/{{id}}/merge": {"parameters": [in_path("id")], "post": made}}
