"""Lists as files, and the requests for more rows than may leave at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.export import approval
from guanxi.engine.export.order import Order, exportable
from guanxi.engine.export.run import NeedsApproval, start
from guanxi.engine.export_request import ExportRequest
from guanxi.kernel.errors import Invalid, QueryError
from guanxi.schema.definition import ObjectType
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of, flag
from guanxi.web.api.finding import kind_of, tree_of
from guanxi.web.downloads import streamed
from guanxi.web.numbers_in import whole

FILES = (
    *("application/json", "text/csv", "application/jsonl"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
PARAMETERS = frozenset({"format", "q", "sort", "columns", "ids", "headings", "form", "note", "reason"})
_MOMENTS = ("created_at", "decided_at", "expires_at", "downloaded_at")
LATEST = 100
MAX_REASON = 2000


@api("GET", query=PARAMETERS, produces=FILES)
def export(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponseBase:
    """The file; when it needs approval, 202 with the address of the request, which needs a reason."""
    kind = kind_of(actor, object_key)
    order, reason = _order(request, actor, kind), _reason(request)
    try:
        return streamed(start(actor, order))
    except NeedsApproval:
        asked = approval.ask(actor, order, reason)
    response = _respond(as_json(asked), 202)
    response["Location"] = address(asked)
    return response


def _reason(request: HttpRequest) -> str:
    text = request.GET.get("reason", "")
    if len(text) > MAX_REASON:
        raise QueryError(_("“reason” has at most %(limit)d characters.") % {"limit": MAX_REASON})
    return text


def _order(request: HttpRequest, actor: Actor, kind: ObjectType) -> Order:
    given = request.GET
    tree = tree_of(given.get("q", ""), kind, actor)
    ids = [whole(part) for part in given.get("ids", "").split(",") if part.strip()]
    if None in ids:
        raise QueryError(_("“ids” is a list of whole numbers, separated by commas."))
    return Order(
        object=kind.key,
        format=given.get("format", "csv"),
        query=query.format(tree) if tree is not None else "",
        sort=given.get("sort", ""),
        columns=_columns(given.get("columns", ""), kind, actor),
        ids=tuple(pk for pk in ids if pk is not None),
        headings=given.get("headings", "keys"),
        form=given.get("form", "data"),
        note=flag(request, "note"),
    )


def _columns(wanted: str, kind: ObjectType, actor: Actor) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in wanted.split(",") if key.strip())
    offered = {field.key for field in exportable(actor, kind)}
    for key in keys:
        if key not in offered:
            raise QueryError(_("There is no field “%(field)s” to show.") % {"field": key[:63]})
    return keys


@api("GET", query=("waiting",))
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own requests, and with ``waiting=true`` those that wait for one's decision; the latest 100."""
    rows = approval.waiting_for(actor) if flag(request, "waiting") else approval.mine(actor)
    return _respond({"data": [as_json(one) for one in rows[:LATEST]]})


@api("GET")
def item(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponse:
    """One request that the caller made or may decide on."""
    return _respond(as_json(approval.get(actor, request_id)))


@api("POST")
def decide(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponse:
    """Approve or refuse."""
    body = body_of(request)
    approve, answer = body.get("approve"), body.get("answer", "")
    wrong = {}
    if not isinstance(approve, bool):
        wrong["approve"] = [_("Enter yes or no.")]
    if not isinstance(answer, str):
        wrong["answer"] = [_("Enter a text.")]
    wrong |= {key: [_("There is no such field.")] for key in set(body) - {"approve", "answer"}}
    if wrong:
        raise Invalid(_("Some values need attention."), wrong)
    return _respond(as_json(approval.decide(actor, request_id, approve=bool(approve), answer=str(answer))))


@api("POST", produces=FILES)
def download(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponseBase:
    """The file of an approved request, once."""
    return streamed(approval.download(actor, request_id))


def address(request: ExportRequest) -> str:
    """Where the API has a request."""
    return f"/api/v1/export-requests/{request.pk}"


def as_json(request: ExportRequest) -> dict[str, Any]:
    """A request as the API gives it."""
    order = approval.order_of(request)
    moments = {key: getattr(request, key) for key in _MOMENTS}
    return {
        "id": request.pk,
        "address": address(request),
        "object": request.object,
        "state": request.state,
        "rows": request.rows,
        "format": order.format,
        "q": order.query,
        "sort": order.sort,
        "columns": list(order.columns),
        "ids": list(order.ids),
        "headings": order.headings,
        "form": order.form,
        "reason": request.reason,
        "requested_by": request.requested_by_id,
        "decided_by": request.decided_by_id,
        "answer": request.answer or None,
        **{key: moment.isoformat().replace("+00:00", "Z") if moment else None for key, moment in moments.items()},
    }


def _respond(body: dict[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
