"""Many rows in one call, and a record found by a value of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import read
from guanxi.engine.bulk import batch
from guanxi.engine.bulk.batch import MOST, OPERATIONS, Item
from guanxi.engine.bulk.keyed import KeyField, fields_of, key_field
from guanxi.engine.holders import holders
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid
from guanxi.schema.definition import ObjectType
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond, stale, tagged, version_wanted
from guanxi.web.api.bodies import body_of
from guanxi.web.api.finding import kind_of, one, request_id
from guanxi.web.api.records import created_answer, sent_version
from guanxi.web.api.values import check_types, values_of
from guanxi.web.problems import MEDIA_TYPE, Malformed, WrongMethod, as_problem

KNOWN = ("operation", "items", "atomic", "by")
ITEM = {"create": ("values",), "update": ("id", "version", "values"), "upsert": ("version", "values")}


@api("POST")
def batches(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """Create, update or upsert up to 1,000 rows; every row says what came of it."""
    kind = kind_of(actor, object_key)
    body = body_of(request, KNOWN)
    operation, atomic, by = body.get("operation"), body.get("atomic", False), body.get("by")
    if operation not in OPERATIONS:
        raise Malformed(_("“operation” is one of %(names)s.") % {"names": ", ".join(OPERATIONS)})
    if not isinstance(atomic, bool):
        raise Malformed(_("“%(name)s” is true or false.") % {"name": "atomic"})
    if not isinstance(by, str | None) or (by is not None) != (operation == "upsert"):
        raise Malformed(_("“by” names the field by which an upsert finds its record, such as external_id."))
    items = _items(kind, body.get("items"), str(operation))
    outcome = batch.run(actor, kind.key, str(operation), items, by=by or "", atomic=atomic, request=request_id(request))
    written = outcome.change_set is not None or not atomic
    told = [_told(actor, item, written=written) for item in outcome.items]
    failed = sum(1 for item in items if item.error is not None)
    if atomic and failed:
        return _nothing_written(told, failed)
    return respond(
        {"results": told, "written": len(items) - failed, "refused": failed, "change_set": outcome.change_set}
    )


def _items(kind: ObjectType, given: Any, operation: str) -> list[Item]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        raise Malformed(_("“items” is a list of 1 to %(limit)d rows.") % {"limit": MOST})
    items = []
    for index, row in enumerate(given):
        if not isinstance(row, dict) or set(row) - set(ITEM[operation]) or not isinstance(row.get("values"), dict):
            known = ", ".join(ITEM[operation])
            raise Malformed(_("Row %(row)d: a row is an object with %(keys)s.") % {"row": index, "keys": known})
        record = row.get("id")
        if "id" in ITEM[operation] and (type(record) is not int or not 0 < record < 2**63):
            raise Malformed(_("Row %(row)d: “id” is the id of a record.") % {"row": index})
        items.append(_checked(kind, Item(index, row["values"], record, sent_version(row))))
    return items


def _checked(kind: ObjectType, item: Item) -> Item:
    try:
        item.parsed = values_of(kind, item.values)
    except Invalid as error:
        item.refuse(error)
    return item


def _told(actor: Actor, item: Item, *, written: bool) -> dict[str, Any]:
    """A row as it is answered: in a call that was rolled back, those that were right failed with the others (424)."""
    undone = not written and item.error is None
    return {
        "index": item.index,
        "status": 424 if undone else item.status,
        "id": None if undone and item.status == 201 else item.id,
        "version": None if undone or item.error is not None else item.version,
        "problem": as_problem(item.error, actor) if item.error is not None else None,
    }


def _nothing_written(told: list[dict[str, Any]], failed: int) -> HttpResponse:
    said = _("%(count)d rows were refused, so nothing was written. Correct them and send all rows again.")
    response = respond({**as_problem(Invalid(said % {"count": failed})), "results": told}, 422)
    response.headers["Content-Type"] = MEDIA_TYPE
    return response


@api("GET", "PUT", query=("fields", "expand"), rights={"PUT": ("create", "edit")})
def keyed(request: HttpRequest, actor: Actor, object_key: str, field_key: str, value: str) -> HttpResponse:
    """A record by its external id or another unique field; ``PUT`` creates it (201) or changes the fields sent (200)."""
    kind = kind_of(actor, object_key)
    key = key_field(actor, kind, field_key)
    if request.method == "PUT" and key.field not in fields_of(actor, kind, write=True):
        raise WrongMethod(("GET", "HEAD", "OPTIONS"))
    meant = key.value(value)
    if request.method == "PUT":
        return _put(request, actor, kind, key, meant)
    found = holders(actor, kind, key.field, [meant]).get(meant, [])
    if not found:
        raise read.missing(kind)
    if len(found) > 1:
        raise Conflict(_("Several records have this value. Update the one you mean by its id."))
    return tagged(request, one(actor, kind, found[0], request.GET.get("fields", ""), request.GET.get("expand", "")))


def _put(request: HttpRequest, actor: Actor, kind: ObjectType, key: KeyField, value: Any) -> HttpResponse:
    data = body_of(request)
    version = sent_version(data)
    matched = version_wanted(request)
    sent = data.setdefault(key.field.key, key.field.kind.to_json(value))
    if sent != key.field.kind.to_json(value):
        raise Malformed(_("The body has another value of “%(field)s” than the address.") % {"field": key.field.key})
    _check_presence(request, actor, kind, key, value, matched)
    item = Item(0, data, None, matched if matched is not None else version)
    check_types({one.key: one.spec for one in kind.fields.values()}, data)
    batch.run(actor, kind.key, "upsert", [item], by=key.field.key, request=request_id(request))
    if item.error is not None:
        raise _error_of(item.error, matched)
    assert item.id is not None
    if item.status == 201:
        return created_answer(request, actor, kind, item.id)
    return tagged(request, one(actor, kind, item.id))


def _check_presence(
    request: HttpRequest, actor: Actor, kind: ObjectType, key: KeyField, value: Any, matched: int | None
) -> None:
    """``If-Match`` wants the record to be there, ``If-None-Match: *`` wants it not to be."""
    only_new = request.headers.get("If-None-Match", "").strip() == "*"
    if (only_new or matched is not None) and bool(holders(actor, kind, key.field, [value])) == only_new:
        raise stale()


def _error_of(error: GuanxiError, matched: int | None) -> GuanxiError:
    return stale() if matched is not None and type(error) is Conflict else error
