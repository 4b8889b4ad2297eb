"""The OpenAPI description of lists and records of an object, of rows in one call and of mass changes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.bulk import batch
from guanxi.engine.bulk.keyed import fields_of
from guanxi.engine.bulk.order import OPERATIONS
from guanxi.schema.declaration import Action
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web.api.bulk import MOST_IDS
from guanxi.web.api.describing import (
    COUNT,
    ID,
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
    header,
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
from guanxi.web.api.duplicate_paths import allowing
from guanxi.web.api.examples import inputs_of, record_of, values_of
from guanxi.web.api.values import input_schema, sent_schema, shown_schema

_IF_MATCH = {"$ref": "#/components/parameters/IfMatch"}
_IF_NONE_MATCH = {"$ref": "#/components/parameters/IfNoneMatch"}
_TAG = {"ETag": {"$ref": "#/components/headers/ETag"}}
_STALE = {
    "412": {"$ref": "#/components/responses/PreconditionFailed"},
    "428": {"$ref": "#/components/responses/PreconditionRequired"},
}


def name_of(kind: ObjectType) -> str:
    """The name of an object's schema: ``opportunity_line`` gives ``OpportunityLine``."""
    return "".join(part.capitalize() for part in kind.key.split("_"))


def of(kind: ObjectType, actor: Actor) -> Json:
    """The paths of an object, as far as the caller may use them."""
    base, name = f"/{kind.key}", name_of(kind)
    objects, thing = str(kind.plural), str(kind.label)
    shown, sent = record_of(actor, kind), values_of(actor, kind)
    page = every(data=array(ref(name)), next=MAYBE_TEXT, previous=MAYBE_TEXT, count=or_null(ref("Count")))
    example = {"data": [shown], "next": None, "previous": None, "count": None}
    unchanged: Json = {"304": {"description": _("Not changed since")}}
    if kind.declaration.merging is not None:
        unchanged["301"] = {"description": _("It became part of another record"), "headers": location()}
    paths: Json = {
        base: {
            "get": operation(
                f"{kind.key}_list", kind.key, _("List %(objects)s") % {"objects": objects}, page,
                parameters=_list_parameters(actor, kind), example=example,
            )
        },
        f"{base}/{{id}}": {
            "parameters": [in_path("id")],
            "get": operation(
                f"{kind.key}_get", kind.key, _("Read one %(object)s") % {"object": thing}, ref(name), example=shown,
                parameters=[_fields(), _expand(kind), _as_of(), _IF_NONE_MATCH], headers=_TAG, more=unchanged,
            ),
        },
    }  # fmt: skip
    one = paths[f"{base}/{{id}}"]
    if actor.can("create", kind.key):
        paths[base]["post"] = operation(
            f"{kind.key}_create", kind.key, _("Create one %(object)s") % {"object": thing}, ref(name), status="201",
            body=ref(f"{name}Create"), sent=sent, example=shown, headers=_TAG | location(), parameters=allowing(kind),
        )  # fmt: skip
    if actor.can("edit", kind.key):
        one["patch"] = operation(
            f"{kind.key}_update", kind.key, _("Change one %(object)s: the fields sent") % {"object": thing}, ref(name),
            body=ref(f"{name}Update"), sent=dict(list(sent.items())[:2]), example=shown,
            parameters=[_IF_MATCH, *allowing(kind)], headers=_TAG, more=_STALE,
        )  # fmt: skip
    if actor.can("delete", kind.key):
        said = _("Put one %(object)s into the recycle bin, or with “purge” remove it from there for good")
        one["delete"] = operation(
            f"{kind.key}_delete", kind.key, said % {"object": thing}, status="204", writes=True,
            parameters=[_purge(), _IF_MATCH], more=_STALE,
        )  # fmt: skip
    if actor.can("restore", kind.key):
        said = _("Take one %(object)s out of the recycle bin")
        paths[f"{base}/{{id}}/restore"] = {
            "parameters": [in_path("id")],
            "post": operation(
                f"{kind.key}_restore", kind.key, said % {"object": thing}, ref(name), writes=True, headers=_TAG
            ),
        }
    for action in kind.declaration.actions:
        if actor.can(action.right, kind.key):
            paths[f"{base}/{{id}}/actions/{action.key}"] = {
                "parameters": [in_path("id")],
                "post": _action(kind, action),
            }
    return paths | _keyed(kind, actor) | _many(kind, actor)


def _list_parameters(actor: Actor, kind: ObjectType) -> list[Json]:
    line = _('A typed line (`name~shanghai owner:me`) or a JSON tree (`{"field": …, "op": …, "value": …}`).')
    return [
        query("filter", TEXT, line),
        query("sort", TEXT, _("Up to three field keys separated by commas, `-` before a key for descending.")),
        _fields(),
        _expand(kind),
        query("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}, _("How many at most.")),
        query("cursor", TEXT, _("`next` or `previous` of another page.")),
        query("count", {**YES_NO, "default": False}, _("Add how many there are, counted up to 10,000.")),
        query("deleted", {**YES_NO, "default": False}, _("The recycle bin instead.")),
        _as_of(),
    ]


def _fields() -> Json:
    return query("fields", TEXT, _("Field keys separated by commas; all visible ones when left out."))


def _expand(kind: ObjectType) -> Json:
    lookups = ", ".join(field.key for field in kind.fields.values() if field.kind.family == "lookup")
    said = _("Lookups whose records come along in `expanded`, separated by commas: %(fields)s.")
    return query("expand", TEXT, said % {"fields": lookups})


def _as_of() -> Json:
    said = _("As it stood at the end of that day in the caller's time zone, or at that moment.")
    return query("as_of", {"type": "string", "examples": ["2026-09-30", "2026-09-30T12:00:00Z"]}, said)


def _purge() -> Json:
    said = _("Needs the right to administrate the object; refused while other records point to it.")
    return query("purge", {**YES_NO, "default": False}, said)


def _action(kind: ObjectType, action: Action) -> Json:
    inputs = some(**{key: input_schema(spec) for key, spec in action.inputs.items()})
    required = [key for key, spec in action.inputs.items() if spec.required and spec.default is None]
    if required:
        inputs["required"] = required
    return operation(
        f"{kind.key}_action_{action.key}",
        kind.key,
        f"{action.label}",
        ref("Outcome"),
        body=inputs,
        body_required=bool(required),
        sent=inputs_of(action.inputs),
        example={"message": _("Done."), "goto": None},
    )


def _keyed(kind: ObjectType, actor: Actor) -> Json:
    """Reading and writing by the external id or another unique field."""
    paths: Json = {}
    name, thing = name_of(kind), str(kind.label)
    writable = {field.key for field in fields_of(actor, kind, write=True)}
    for field in fields_of(actor, kind):
        path = f"/{kind.key}/by/{field.key}/{{value}}"
        values = {"object": thing, "field": str(field.label)}
        one: Json = {
            "parameters": [in_path("value", _key_schema(field), str(field.label))],
            "get": operation(
                f"{kind.key}_get_by_{field.key}", kind.key, _("Read one %(object)s by its %(field)s") % values, ref(name),
                parameters=[_fields(), _expand(kind), _IF_NONE_MATCH], headers=_TAG,
                more={"304": {"description": _("Not changed since")}},
            ),
        }  # fmt: skip
        one["get"]["responses"]["409"] = {"$ref": "#/components/responses/Conflict"}
        if field.key in writable and actor.can("create", kind.key) and actor.can("edit", kind.key):
            created = {
                "description": _("Created"),
                "headers": _TAG | location(),
                "content": {"application/json": {"schema": ref(name)}},
            }
            one["put"] = operation(
                f"{kind.key}_put_by_{field.key}", kind.key,
                _("Create one %(object)s of this %(field)s, or change it") % values, ref(name),
                body=ref(f"{name}Update"), sent=values_of(actor, kind), headers=_TAG,
                parameters=[_IF_MATCH, header("If-None-Match", TEXT, _("`*` only creates: 412 if it is there."))],
                more=_STALE | {"201": created},
            )  # fmt: skip
        paths[path] = one
    return paths


def _key_schema(field: FieldDefinition) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": field.spec.max_length or 120, "pattern": r"\S"}


def _many(kind: ObjectType, actor: Actor) -> Json:
    """Rows in one call, and mass changes."""
    paths: Json = {}
    objects = {"objects": str(kind.plural)}
    makes, edits = actor.can("create", kind.key), actor.can("edit", kind.key)
    if makes or edits:
        paths[f"/{kind.key}/batch"] = {
            "post": operation(
                f"{kind.key}_batch", kind.key, _("Create, update or upsert many %(objects)s in one call") % objects,
                ref("BatchOutcome"), body=_batch(kind, actor, makes=makes, edits=edits),
                sent={"operation": "create" if makes else "update", "atomic": False, "items": [
                    {"values": values_of(actor, kind)} if makes else {"id": 1, "values": values_of(actor, kind)}]},
                description=_(
                    "Every row says what came of it: 201 created, 200 updated, otherwise the status of its problem. With "
                    "`atomic` a refused row means that nothing is written (422)."
                ),
            )
        }  # fmt: skip
    operations = [
        name for name in OPERATIONS
        if actor.can({"delete": "delete", "restore": "restore"}.get(name, "edit"), kind.key)
    ]  # fmt: skip
    if operations:
        started = {
            "description": _("A job does it"),
            "headers": location(),
            "content": {"application/json": {"schema": ref("BulkRun")}},
        }
        paths[f"/{kind.key}/bulk"] = {
            "post": operation(
                f"{kind.key}_bulk", kind.key, _("Do the same with many %(objects)s") % objects,
                {"oneOf": [ref("BulkRun"), ref("BulkPreview")]}, body=_bulk(kind, actor, operations),
                sent={"operation": operations[0], "filter": "owner:me", **(
                    {"values": dict(list(values_of(actor, kind).items())[:1])} if operations[0] == "update" else {})},
                more={"202": started},
                description=_(
                    "The records are fixed when the call is made. Those that cannot be changed are left out and named; the "
                    "rest is one change set, so that it is undone as one. More than 2,000 records are changed by a job."
                ),
            )
        }  # fmt: skip
    return paths


def _batch(kind: ObjectType, actor: Actor, *, makes: bool, edits: bool) -> Json:
    name = name_of(kind)
    values: Json = {"type": "object", "description": _("As in %(schema)s.") % {"schema": f"{name}Create"}}
    item = needing(some(id=ID, version=_version(), values=values), "values")
    keys = [field.key for field in fields_of(actor, kind, write=True)]
    allowed = [verb for verb in batch.OPERATIONS if {"create": makes, "update": edits}.get(verb, makes and edits)]
    body = some(
        operation=choice(allowed),
        items=array(item, minItems=1, maxItems=batch.MOST),
        atomic={**YES_NO, "default": False, "description": _("All rows or none.")},
        by=described(
            {"type": ["string", "null"], "enum": [*keys, None]}, _("By which field an upsert finds its record.")
        ),
    )
    return needing(body, "operation", "items")


def _version() -> Json:
    return {"type": ["integer", "null"], "minimum": 1, "maximum": 2**31 - 1}


def _bulk(kind: ObjectType, actor: Actor, operations: list[str]) -> Json:
    return needing(
        some(
            operation=choice(operations),
            values={"type": "object", "description": _("The value of each field, to update, add and remove.")},
            ids=array(ID, minItems=1, maxItems=MOST_IDS),
            filter=described({"type": ["string", "object"]}, _("A typed line or a JSON tree; “” means every record.")),
            preview={**YES_NO, "default": False, "description": _("Only say how many records it would be.")},
        ),
        "operation",
    )


def schemas_of(kind: ObjectType, actor: Actor) -> Json:
    """The schemas of an object: as it is read, created and changed."""
    seen = actor.visible_fields(kind)
    writable = [f for f in seen if f.writable and actor.field_level(kind.key, f.key) == "write"]
    own = {field.key: shown_schema(actor, field) for field in seen}
    sent = {field.key: sent_schema(field) for field in writable}
    required = [f.key for f in writable if f.spec.required and f.spec.default is None and f.kind.name != "owner"]
    name = name_of(kind)
    create = some(**sent)
    if required:
        create["required"] = required
    title = str(kind.label)
    expanded: Json = {
        "type": "object",
        "description": _("The records that lookups named in `expand` point to; null where there is none to be seen."),
        "additionalProperties": {"type": ["object", "null"]},
    }
    properties = {"id": NUMBER, "version": {"type": "integer"}, "title": TEXT, **own, "expanded": expanded}
    if kind.declaration.duplicates is not None:
        said = _("Records that may be the same; only in the answer to a change.")
        properties["warnings"] = described(array({"type": "object"}), said)
    return {
        name: {
            "type": "object",
            "description": title,
            "required": ["id", "version", "title"],
            "properties": properties,
        },
        f"{name}Create": {**create, "description": title},
        f"{name}Update": {
            **some(**sent, version=described(_version(), _("Refuse with 409 if it has changed since."))),
            "description": title,
        },
    }


def schemas() -> Json:
    """The schemas that every object shares."""
    goto = {"type": ["object", "null"], "required": ["object", "id"], "properties": {"object": TEXT, "id": NUMBER}}
    outcome = needing(
        {"type": "object", "properties": {"message": TEXT, "goto": goto, "reveal": _secret()}}, "message", "goto"
    )
    row = every(
        index=COUNT, status={"type": "integer"}, id=MAYBE_NUMBER, version={"type": ["integer", "null"]},
        problem=or_null(ref("Problem")),
    )  # fmt: skip
    rejected = every(id=NUMBER, title=MAYBE_TEXT, code=TEXT, reason=TEXT)
    run = every(
        id=NUMBER, object=TEXT, operation=choice(OPERATIONS),
        status=choice(["queued", "running", "done", "failed", "cancelled"]), total=COUNT, done=COUNT,
        rejected=every(count=COUNT, records=array(ref("BulkRejection"), maxItems=100)),
        change_set=described(MAYBE_NUMBER, _("What undo takes back: one for all of it.")), job=MAYBE_NUMBER,
        created_at={"type": "string", "format": "date-time"},
        finished_at={"type": ["string", "null"], "format": "date-time"},
    )  # fmt: skip
    return {
        "Count": every(number=COUNT, more=described(YES_NO, _("There are more than this number."))),
        "Outcome": outcome,
        "BatchRow": row,
        "BatchOutcome": every(results=array(ref("BatchRow")), written=COUNT, refused=COUNT, change_set=MAYBE_NUMBER),
        "BulkRejection": rejected,
        "BulkRun": run,
        "BulkPreview": every(count=COUNT),
    }


def _secret() -> Json:
    return described(TEXT, _("A secret that is given this once."))


def runs() -> Json:
    """The paths of mass changes that were started."""
    after = query("after", {"type": "string", "pattern": "^[0-9]{1,18}$"}, _("`next` of another page."))
    limit = query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, _("How many at most."))
    left = listed(ref("BulkRejection"), next=MAYBE_TEXT)
    return {
        "/bulk/{id}": {
            "parameters": [in_path("id")],
            "get": operation("bulk_get", "bulk", _("One mass change: how far it is"), ref("BulkRun")),
        },
        "/bulk/{id}/rejected": {
            "parameters": [in_path("id")],
            "get": operation(
                "bulk_rejected", "bulk", _("The records it left out, with the reasons"), left, parameters=[after, limit]
            ),
        },
    }


__all__ = ["name_of", "of", "runs", "schemas", "schemas_of"]
