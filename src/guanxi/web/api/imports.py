"""Importing files and rows: sent, mapped, checked, carried out, and the rows that were rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing import access, checking, receiving, rejected, running, templates
from guanxi.engine.importing.tables import Import, ImportTemplate
from guanxi.kernel.errors import Invalid
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import MULTIPART, body_of, flag, loads
from guanxi.web.api.jobs import as_json as job_as_json
from guanxi.web.downloads import streamed
from guanxi.web.numbers_in import whole
from guanxi.web.problems import Malformed

LATEST = 100
LAYOUT = ("encoding", "delimiter", "sheet", "header")
_KNOWN = ("object", "rows", "mapping", "layout", "template", "like")
_TEMPLATE = ("name", "everybody")
FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/json")


@api("GET", "POST", query=("all",), takes_files=True)
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """``GET`` lists the latest 100 imports; ``POST`` sends a file (multipart) or rows (JSON)."""
    if request.method == "POST":
        return _receive(request, actor)
    rows = access.of(actor, everybody=flag(request, "all"))
    return respond({"data": [as_json(one) for one in rows[:LATEST]]})


def _receive(request: HttpRequest, actor: Actor) -> HttpResponse:
    multipart = request.content_type == MULTIPART
    body = _form(request) if multipart else body_of(request, _KNOWN)
    wrong = {}
    if not isinstance(body.get("object"), str):
        wrong["object"] = [_("Name the object, such as contact.")]
    for key in ("mapping", "layout"):
        if not isinstance(body.get(key, {}), dict):
            wrong[key] = [_("Send an object.")]
    if wrong:
        raise Invalid(_("Some values need attention."), wrong)
    if multipart:
        sent = request.FILES.get("file")
        if sent is None:
            raise Invalid(_("Send the file as “file”."), {"file": [_("Choose a file.")]})
        found = receiving.receive(actor, body["object"], sent.name or "", sent, _layout(body))
    else:
        found = receiving.receive_rows(actor, body["object"], _rows(body))
    try:
        _premap(actor, found, body)
    except Exception:
        receiving.discard(found)
        raise
    response = respond(as_json(found), 201)
    response["Location"] = f"/api/v1/imports/{found.pk}"
    return response


def _form(request: HttpRequest) -> dict[str, Any]:
    """The parts of a form besides the file; ``mapping`` and ``layout`` are JSON."""
    body: dict[str, Any] = {}
    for key, text in request.POST.items():
        if key in ("mapping", "layout"):
            body[key] = loads(str(text).encode("utf-8", "surrogatepass"))
        elif key in _KNOWN:
            body[key] = text
        elif key != "csrfmiddlewaretoken":
            raise Malformed(_("The body knows no “%(name)s”.") % {"name": key[:63]})
    return body


def _rows(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = body.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid(_("Send “rows” as a list of objects."), {"rows": [_("Send a list of objects.")]})
    return rows


def _layout(body: Mapping[str, Any]) -> dict[str, Any]:
    layout = body.get("layout", {})
    if strange := sorted(set(layout) - set(LAYOUT)):
        raise Invalid(_("Some values need attention."), {f"layout.{strange[0]}": [_("There is no such field.")]})
    return dict(layout)


def _premap(actor: Actor, found: Import, body: Mapping[str, Any]) -> None:
    """Use the mapping that was sent along, a saved one, or that of an earlier import."""
    template, like = _number(body, "template"), _number(body, "like")
    if "mapping" in body:
        checking.decide(actor, found, body["mapping"])
    elif template is not None:
        checking.decide(actor, found, templates.applied(actor, found, templates.get(actor, template)))
    elif like is not None:
        checking.decide(actor, found, templates.like(actor, found, access.get(actor, like)))


def _number(body: Mapping[str, Any], key: str) -> int | None:
    if body.get(key) in (None, ""):
        return None
    number = whole(str(body[key]))
    if number is None:
        raise Invalid(_("Some values need attention."), {key: [_("Enter a whole number.")]})
    return number


@api("GET")
def item(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """One import."""
    return respond(as_json(access.get(actor, import_id)))


@api("PUT")
def mapping(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Decide what becomes of the columns; what was checked before no longer counts."""
    found = access.open_one(actor, import_id)
    return respond(as_json(checking.decide(actor, found, body_of(request))))


@api("PUT")
def layout(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Read the file in another way; the mapping is suggested anew."""
    found = access.open_one(actor, import_id)
    return respond(as_json(receiving.relayout(actor, found, _layout({"layout": body_of(request)}))))


@api("POST")
def check(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """The dry run: at once, or (202) by a job."""
    found = checking.start_check(actor, import_id)
    return respond(as_json(found), 202 if access.stage_of(found) == "checking" else 200)


@api("POST")
def commit(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Carry the import out, by a job."""
    return respond(as_json(running.start(actor, import_id)), 202)


@api("POST")
def resume(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Go on with an import that was cancelled or failed."""
    return respond(as_json(running.resume(actor, import_id)), 202)


@api("GET", query=("format",), produces=FILES)
def rejected_rows(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponseBase:
    """The rows that were not taken, as a file."""
    return streamed(rejected.export(actor, import_id, request.GET.get("format", "csv")))


@api("GET")
def template_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The saved mappings that the caller may use."""
    return respond({"data": [_template(one) for one in templates.all_of(actor)]})


@api("POST")
def save_template(request: HttpRequest, actor: Actor, import_id: int) -> HttpResponse:
    """Keep the mapping of an import under a name."""
    body = body_of(request, _TEMPLATE)
    wrong = {}
    if not isinstance(body.get("name"), str):
        wrong["name"] = [_("Enter a name.")]
    if not isinstance(body.get("everybody", False), bool):
        wrong["everybody"] = [_("Enter yes or no.")]
    if wrong:
        raise Invalid(_("Some values need attention."), wrong)
    kept = templates.save(actor, import_id, body["name"], everybody=body.get("everybody", False))
    return respond(_template(kept), 201)


@api("DELETE")
def template_item(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    """Forget a saved mapping."""
    templates.remove(actor, template_id)
    return HttpResponse(status=204)


def as_json(found: Import) -> dict[str, Any]:
    """An import as the API gives it."""
    moments = {key: getattr(found, key) for key in ("created_at", "begun_at", "finished_at")}
    job = found.check_job if access.stage_of(found) == "checking" else found.job
    return {
        "id": found.pk,
        "object": found.object,
        "name": found.name,
        "stage": access.stage_of(found),
        "size": found.size,
        "rows": found.rows,
        "layout": found.layout,
        "columns": found.columns,
        "mapping": found.mapping,
        "check": found.checked or None,
        "counts": {key: found.state.get(key, 0) for key in running.COUNTS},
        "made": found.state.get("made", {}),
        "change_set": found.change_set,
        "job": job_as_json(job) if job is not None else None,
        "created_by": found.created_by_id,
        **{key: moment.isoformat().replace("+00:00", "Z") if moment else None for key, moment in moments.items()},
    }


def _template(one: ImportTemplate) -> dict[str, Any]:
    return {
        **{"id": one.pk, "object": one.object, "name": one.name, "everybody": one.owner_id is None},
        "mapping": one.mapping,
    }
