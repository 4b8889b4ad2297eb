"""Exporting a list: the dialog, the file, the requests for more than may leave at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access import compiled
from guanxi.engine.export import approval
from guanxi.engine.export.order import FORMATS, Order, prepare
from guanxi.engine.export.rows import exceeds
from guanxi.engine.export.run import bound_for, start
from guanxi.engine.export_request import ExportRequest
from guanxi.engine.labels import labels_for
from guanxi.engine.read import bounded
from guanxi.kernel.errors import Invalid, QueryError
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.downloads import streamed
from guanxi.web.listing import ListState, read_state
from guanxi.web.numbers_in import wholes
from guanxi.web.permission import allowed, readable
from guanxi.web.request import Request

CHOICES = ("format", "columns", "form", "headings", "what")


@require_http_methods(["GET", "POST"])
def export(request: Request, object_key: str) -> HttpResponseBase:
    """GET gives the dialog, POST the file; or the request for it, when it needs approval."""
    kind = readable(request.actor, object_key)
    allowed(request.actor, "export", kind)
    state = read_state(request, kind)
    if state.error:
        raise QueryError(state.error)
    given = request.POST if request.method == "POST" else request.GET
    chosen = {key: given.get(key, "") for key in CHOICES} | {"note": given.get("note", "")}
    ids = wholes(given.getlist("id"))
    order = _order(state, chosen, ids)
    if request.method == "GET":
        return _dialog(request, state, order, chosen, ids)
    if "reason" not in given:
        return streamed(start(request.actor, order))
    try:
        asked = approval.ask(request.actor, order, given["reason"])
    except Invalid as error:
        return _dialog(request, state, order, chosen, ids, given["reason"], error)
    return rendering.go(request, f"/exports/{asked.pk}", _("Your request is on its way."))


def _order(state: ListState, chosen: dict[str, str], ids: list[int]) -> Order:
    """The list as its address describes it, with the choices of the dialog; each has a default."""
    return Order(
        object=state.kind.key,
        format=chosen["format"] or "xlsx",
        query=state.line,
        sort=state.sort,
        columns=() if chosen["columns"] == "all" else state.columns,
        ids=tuple(ids) if chosen["what"] != "filter" else (),
        headings=chosen["headings"] or "labels",
        form=chosen["form"] or "shown",
        note=bool(chosen["note"]),
    )


def _dialog(
    request: Request,
    state: ListState,
    order: Order,
    chosen: dict[str, str],
    ids: list[int],
    reason: str = "",
    error: Invalid | None = None,
) -> HttpResponse:
    actor = request.actor
    plan = prepare(actor, order)
    bound = bound_for(actor)
    context = {
        "kind": state.kind,
        "state": state,
        "order": order,
        "chosen": chosen,
        "ids": ids,
        "count": bounded(plan.rows),
        "bound": bound if bound is not None and exceeds(plan, bound) else None,
        "marked": compiled.current().policy.watermark_files,
        "touched": request.headers.get("HX-Trigger-Name", ""),
        "reason": reason,
        "error": error.message if error else "",
        "csrf": get_token(request),
    }
    return rendering.fragment(request, "export/dialog.html", context, 422 if error else 200)


@require_GET
def index(request: Request) -> HttpResponse:
    """One's own requests, and those that wait for one's decision."""
    actor = request.actor
    own, waiting = list(approval.mine(actor)[:50]), list(approval.waiting_for(actor)[:50])
    context = {
        "waiting": waiting,
        "own": own,
        "people": _people(request, [*own, *waiting]),
        "kinds": snapshot().objects,
        "states": _states(),
        "expired": {one.pk for one in own if one.state == "approved" and approval.expired(one)},
    }
    return rendering.page(request, "export/index.html", context)


@require_GET
def show(request: Request, request_id: int) -> HttpResponse:
    """One request: what, how many rows, which columns, who and why; with the decision or the download, if one may."""
    return _show(request, approval.get(request.actor, request_id))


def _show(request: Request, found: ExportRequest, error: str = "", answer: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor
    kind = snapshot().get(found.object)
    order = approval.order_of(found)
    context = {
        "found": found,
        "order": order,
        "kind_of": kind,
        "columns": _columns(kind, order),
        "people": _people(request, [found]),
        "state": _states()[found.state],
        "format": FORMATS[found.format],
        "expired": found.state == "approved" and approval.expired(found),
        "may_decide": approval.may_decide(actor, found),
        "may_download": approval.may_download(actor, found),
        "mine": found.requested_by_id == actor.user_id,
        "error": error,
        "answer": answer,
    }
    return rendering.page(request, "export/request.html", context, status)


@require_POST
def decide(request: Request, request_id: int) -> HttpResponse:
    """Approve or refuse."""
    approve, answer = request.POST.get("decision") == "approve", request.POST.get("answer", "")
    try:
        approval.decide(request.actor, request_id, approve=approve, answer=answer)
    except Invalid as error:
        return _show(request, approval.get(request.actor, request_id), error.message, answer, 422)
    return rendering.go(request, f"/exports/{request_id}")


@require_POST
def download(request: Request, request_id: int) -> HttpResponseBase:
    """The file of an approved request."""
    return streamed(approval.download(request.actor, request_id))


def _people(request: Request, requests: list[ExportRequest]) -> dict[int, str]:
    ids = {pk for one in requests for pk in (one.requested_by_id, one.decided_by_id) if pk is not None}
    return {pk: title for (_key, pk), title in labels_for(request.actor, {"user": ids}).items()}


def _states() -> dict[str, Any]:
    return {option.key: option for option in snapshot().get(approval.OBJECT).fields["state"].spec.options}


def _columns(kind: ObjectType, order: Order) -> list[str]:
    return [str(kind.fields[key].label) for key in order.columns if key in kind.fields]
