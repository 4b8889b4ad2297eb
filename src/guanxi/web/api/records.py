"""Lists and records of every object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine import past, read, write
from guanxi.engine.merging import survivor_of
from guanxi.engine.retention.removal import purge
from guanxi.engine.write import loading
from guanxi.kernel.errors import Conflict, NotFound, QueryError
from guanxi.schema.definition import ObjectType
from guanxi.web.api import matches
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond, stale, tagged, version_wanted
from guanxi.web.api.bodies import body_of, flag, number
from guanxi.web.api.finding import data_of, expansions_of, fields_of, kind_of, one, request_id, tree_of
from guanxi.web.api.values import inputs_of, values_of
from guanxi.web.problems import Malformed

LIST_PARAMETERS = (
    "filter",
    "sort",
    "fields",
    "expand",
    "limit",
    "cursor",
    "count",
    "deleted",
    "as_of",
    "allow_duplicates",
)
RECORD_PARAMETERS = ("fields", "expand", "as_of", "purge", "allow_duplicates")
MAX_LIMIT = 500


@api("GET", "POST", query=LIST_PARAMETERS, rights={"POST": ("create",)})
def collection(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """``GET`` lists, ``POST`` creates."""
    kind = kind_of(actor, object_key)
    if request.method == "POST":
        return _create(request, actor, kind)
    return _as_of(request, actor, kind, lambda reader: _list(request, reader, kind))


@api("GET", "PATCH", "DELETE", query=RECORD_PARAMETERS, rights={"PATCH": ("edit",), "DELETE": ("delete",)})
def record(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """``GET`` reads, ``PATCH`` changes the fields sent, ``DELETE`` puts into the recycle bin, with ``purge=true`` removes
    from there for good."""
    kind = kind_of(actor, object_key)
    if request.method == "PATCH":
        return _update(request, actor, kind, record_id)
    if request.method == "DELETE":
        return _delete(request, actor, kind, record_id)
    wanted, expand = request.GET.get("fields", ""), request.GET.get("expand", "")
    try:
        return _as_of(
            request, actor, kind, lambda reader: tagged(request, one(reader, kind, record_id, wanted, expand))
        )
    except NotFound:
        survivor = survivor_of(kind.key, record_id)
        if survivor is None or not visible(actor, kind, narrow=True).filter(pk=survivor).exists():
            raise
    moved = respond({"merged_into": survivor}, 301)
    moved.headers["Location"] = f"/api/v1/{kind.key}/{survivor}"
    return moved


@api("POST")
def restore(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Take a record out of the recycle bin."""
    kind = kind_of(actor, object_key)
    with write.change(actor, "api", request=request_id(request)) as door:
        door.restore(kind.key, [record_id])
    return tagged(request, one(actor, kind, record_id))


@api("POST")
def action(request: HttpRequest, actor: Actor, object_key: str, record_id: int, action_key: str) -> HttpResponse:
    """Do one of the object's actions on a record; the body holds its inputs."""
    kind = kind_of(actor, object_key)
    found = kind.action(action_key)
    if found is None:
        raise NotFound(_("There is no action called “%(key)s”.") % {"key": action_key[:63]})
    inputs = inputs_of(found.inputs, body_of(request))
    with write.change(actor, "api", note=str(found.label), request=request_id(request)) as door:
        outcome = door.act(kind.key, record_id, action_key, inputs)
    goto = {"object": outcome.goto[0], "id": outcome.goto[1]} if outcome.goto else None
    return respond({"message": outcome.message, "goto": goto, **({"reveal": outcome.reveal} if outcome.reveal else {})})


def _as_of(
    request: HttpRequest, actor: Actor, kind: ObjectType, answer: Callable[[Actor], HttpResponse]
) -> HttpResponse:
    """The answer as of the day or moment ``as_of`` names; of today without it."""
    text = request.GET.get("as_of")
    if text is None:
        return answer(actor)
    with past.looking_back(actor, past.moment_of(text, actor), [kind.key]) as reader:
        return answer(reader)


def _list(request: HttpRequest, actor: Actor, kind: ObjectType) -> HttpResponse:
    fields = fields_of(actor, kind, request.GET.get("fields", ""))
    expansions = expansions_of(actor, kind, request.GET.get("expand", ""))
    listing = read.Listing(
        query=tree_of(request.GET.get("filter", ""), kind, actor),
        sort=request.GET.get("sort", ""),
        columns=tuple(dict.fromkeys(field.key for field in (*fields, *expansions))),
        size=number(request, "limit", 50, MAX_LIMIT),
        cursor=request.GET.get("cursor") or None,
        count=flag(request, "count"),
        deleted=flag(request, "deleted"),
    )
    page = read.page(actor, kind.key, listing)
    count = {"number": page.count.number, "more": page.count.more} if page.count else None
    data = data_of(actor, page.rows, fields, expansions)
    return respond({"data": data, "next": page.next, "previous": page.previous, "count": count})


def _create(request: HttpRequest, actor: Actor, kind: ObjectType) -> HttpResponse:
    write.require(actor, "create", kind)
    values = values_of(kind, body_of(request))
    warnings = matches.of_new(actor, kind, values) if _checked(request, kind) else {}
    with write.change(actor, "api", request=request_id(request)) as door:
        created = door.create(kind.key, values)
    return created_answer(request, actor, kind, created.pk, warnings)


def _checked(request: HttpRequest, kind: ObjectType) -> bool:
    """Whether the caller is told of records that may be the same."""
    return not flag(request, "allow_duplicates") and kind.declaration.duplicates is not None


def created_answer(
    request: HttpRequest, actor: Actor, kind: ObjectType, record_id: int, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The answer that tells of a new record: 201, the whole record, and where it is."""
    response = tagged(request, one(actor, kind, record_id) | dict(more or {}), 201)
    response.headers["Location"] = f"/api/v1/{kind.key}/{record_id}"
    return response


def _update(request: HttpRequest, actor: Actor, kind: ObjectType, record_id: int) -> HttpResponse:
    write.require(actor, "edit", kind)
    data = body_of(request)
    sent = sent_version(data)
    matched = version_wanted(request)
    values = values_of(kind, data)
    try:
        with write.change(actor, "api", request=request_id(request)) as door:
            if matched is not None:
                _check_version(actor, kind, record_id, matched)
            door.update(kind.key, record_id, values, sent)
    except Conflict as error:
        if matched is not None and isinstance(error, _Stale):
            raise stale() from error
        raise
    warnings = matches.of_change(actor, kind, record_id, values) if _checked(request, kind) else {}
    return tagged(request, one(actor, kind, record_id) | warnings)


def sent_version(data: dict[str, object]) -> int | None:
    """Take the version out of a body; :class:`Malformed` where it is none."""
    version = data.pop("version", None)
    if version is None:
        return None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 2**31:
        raise Malformed(_("“version” must be a whole number."))
    return version


class _Stale(Conflict):
    """The record is no longer the one that ``If-Match`` names."""


def _check_version(actor: Actor, kind: ObjectType, record_id: int, version: int, *, verb: str = "updated") -> None:
    """Lock the record, and compare its version with the one named."""
    try:
        loading.drafts(actor, kind, [record_id], verb, {record_id: version}, {})
    except Conflict as error:
        raise _Stale(error.message) from error


def _delete(request: HttpRequest, actor: Actor, kind: ObjectType, record_id: int) -> HttpResponse:
    if set(request.GET) - {"purge"}:
        raise QueryError(_("There is no parameter “%(name)s”.") % {"name": min(set(request.GET) - {"purge"})})
    if flag(request, "purge"):
        purge(actor, kind.key, [record_id], "api", request=request_id(request))
        return HttpResponse(status=204)
    matched = version_wanted(request)
    try:
        with write.change(actor, "api", request=request_id(request)) as door:
            write.require(actor, "delete", kind)
            if matched is not None:
                _check_version(actor, kind, record_id, matched, verb="deleted")
            door.delete(kind.key, [record_id])
    except _Stale as error:
        raise stale() from error
    return HttpResponse(status=204)
