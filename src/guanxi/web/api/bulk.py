"""Mass changes: the same thing done with a selection or with everything that meets a filter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.bulk import order as orders
from guanxi.engine.bulk import run, shown
from guanxi.engine.bulk.order import OPERATIONS, Order
from guanxi.engine.bulk.tables import BulkRun
from guanxi.engine.query import Tree
from guanxi.schema.definition import ObjectType
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import body_of, number
from guanxi.web.api.finding import kind_of, request_id, tree_of
from guanxi.web.api.values import check_types
from guanxi.web.problems import Malformed

KNOWN = ("operation", "values", "ids", "filter", "preview")
MOST_IDS = 100_000
SHOWN = 100


@api("POST")
def start(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """Do something with the records of ``ids`` or of ``filter``; with ``preview`` only say how many they are."""
    kind = kind_of(actor, object_key)
    body = body_of(request, KNOWN)
    order = _order(body, kind, actor)
    if body.get("preview", False) is not False:
        if body["preview"] is not True:
            raise Malformed(_("“%(name)s” is true or false.") % {"name": "preview"})
        orders.understand(actor, order)
        return respond({"count": orders.count(actor, order)})
    made = run.begin(actor, order, "api", request_id(request))
    response = respond(as_json(actor, made), 200 if made.job is None else 202)
    if made.job is not None:
        response.headers["Location"] = address(made)
    return response


def _order(body: dict[str, Any], kind: ObjectType, actor: Actor) -> Order:
    operation, values, ids = body.get("operation"), body.get("values", {}), body.get("ids")
    if operation not in OPERATIONS:
        raise Malformed(_("“operation” is one of %(names)s.") % {"names": ", ".join(OPERATIONS)})
    if not isinstance(values, dict):
        raise Malformed(_("“values” is an object: the value of each field by its key."))
    if (ids is None) == ("filter" not in body):
        raise Malformed(_("Send either “ids” or “filter”; a filter of “” means every record."))
    if ids is not None and not _right(ids):
        raise Malformed(_("“ids” is a list of 1 to %(limit)d ids of records.") % {"limit": MOST_IDS})
    check_types({key: field.spec for key, field in kind.fields.items()}, values)
    tree = _tree(body["filter"], kind, actor) if ids is None else None
    return Order(kind.key, str(operation), values, tuple(ids) if ids is not None else None, tree)


def _right(ids: Any) -> bool:
    return isinstance(ids, list) and 1 <= len(ids) <= MOST_IDS and all(type(pk) is int and 0 < pk < 2**63 for pk in ids)


def _tree(given: Any, kind: ObjectType, actor: Actor) -> Tree | None:
    if isinstance(given, str):
        return tree_of(given, kind, actor)
    if isinstance(given, dict):
        return query.from_json(given)
    raise Malformed(_("“filter” is a typed line or a JSON tree."))


@api("GET")
def item(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """One mass change: how far it is, and the first records it left out."""
    return respond(as_json(actor, shown.find(actor, run_id)))


@api("GET", query=("after", "limit"))
def rejected(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """The records a mass change left out, each with its reason."""
    found = shown.find(actor, run_id)
    after = request.GET.get("after", "0")
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise Malformed(_("“%(name)s” is the “next” of another page.") % {"name": "after"})
    size = number(request, "limit", 100, 1000)
    rows = shown.rejected(actor, found, int(after), size + 1)
    data = [_rejected(row) for row in rows[:size]]
    return respond({"data": data, "next": str(rows[size - 1].place) if len(rows) > size else None})


def address(made: BulkRun) -> str:
    """Where the API has a run."""
    return f"/api/v1/bulk/{made.pk}"


def as_json(actor: Actor, made: BulkRun) -> dict[str, Any]:
    """A run as the API gives it."""
    moments = {"created_at": made.created_at, "finished_at": made.finished_at}
    first = shown.rejected(actor, made, size=SHOWN) if made.rejected else []
    return {
        "id": made.pk,
        "object": made.object,
        "operation": made.operation,
        "status": shown.state(made),
        "total": made.total,
        "done": made.done,
        "rejected": {"count": made.rejected, "records": [_rejected(row) for row in first]},
        "change_set": made.change_set,
        "job": made.job,
        **{key: moment.isoformat().replace("+00:00", "Z") if moment else None for key, moment in moments.items()},
    }


def _rejected(row: shown.Rejected) -> dict[str, Any]:
    return {"id": row.record, "title": row.title or None, "code": row.code, "reason": row.reason}
