"""Lists and records of every object."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine import past, query, read, write
from guanxi.engine.dedupe import checking
from guanxi.engine.dedupe.records import fields_of, values_by_id
from guanxi.engine.export.jsonlines import as_json
from guanxi.engine.matching.keys import read_fields
from guanxi.engine.merging import survivor_of
from guanxi.engine.parse import parse_inputs, parse_values
from guanxi.engine.query import Tree
from guanxi.engine.retention.removal import purge
from guanxi.kernel.errors import NotFound, QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.api.access import Malformed, api, body_of
from guanxi.web.api.matches import as_json as as_match

_PARAMETERS = frozenset({"filter", "sort", "fields", "limit", "cursor", "count", "deleted", "as_of"})
_YES, _NO = ("true", "1"), ("false", "0", "")
MAX_LIMIT = 500


@api("GET", "POST")
def collection(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """``GET`` lists, ``POST`` creates."""
    kind = _kind(actor, object_key)
    if request.method == "POST":
        return _create(request, actor, kind)
    return _as_of(request, actor, kind, lambda reader: _list(request, reader, kind))


@api("GET", "PATCH", "DELETE")
def record(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """``GET`` reads, ``PATCH`` changes the fields sent, ``DELETE`` puts into the recycle bin, with ``purge=true`` removes
    from there for good."""
    kind = _kind(actor, object_key)
    _check_id(kind, record_id)
    warnings: dict[str, Any] = {}
    if request.method == "PATCH":
        write.require(actor, "edit", kind)
        data = body_of(request)
        version = data.pop("version", None)
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            raise Malformed(_("“version” must be a whole number."))
        values = parse_values(kind, data)
        with write.change(actor, "api", request=_request_id(request)) as door:
            door.update(kind.key, record_id, values, version)
        warnings = _warnings_of_change(request, actor, kind, record_id, values)
    elif request.method == "DELETE" and _flag(request, "purge"):
        purge(actor, kind.key, [record_id], "api", request=_request_id(request))
        return HttpResponse(status=204)
    elif request.method == "DELETE":
        with write.change(actor, "api", request=_request_id(request)) as door:
            door.delete(kind.key, [record_id])
        return HttpResponse(status=204)
    wanted = request.GET.get("fields", "")
    try:
        return _as_of(request, actor, kind, lambda reader: _respond(_one(reader, kind, record_id, wanted) | warnings))
    except NotFound:
        survivor = survivor_of(kind.key, record_id)
        if survivor is None or not visible(actor, kind).filter(pk=survivor).exists():
            raise
    moved = _respond({"merged_into": survivor}, 301)
    moved["Location"] = f"/api/v1/{kind.key}/{survivor}"
    return moved


@api("POST")
def restore(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Take a record out of the recycle bin."""
    kind = _kind(actor, object_key)
    _check_id(kind, record_id)
    with write.change(actor, "api", request=_request_id(request)) as door:
        door.restore(kind.key, [record_id])
    return _respond(_one(actor, kind, record_id))


@api("POST")
def action(request: HttpRequest, actor: Actor, object_key: str, record_id: int, action_key: str) -> HttpResponse:
    """Do one of the object's actions on a record; the body holds its inputs."""
    kind = _kind(actor, object_key)
    _check_id(kind, record_id)
    found = kind.action(action_key)
    if found is None:
        raise NotFound(_("There is no action called “%(key)s”.") % {"key": action_key[:63]})
    inputs = parse_inputs(found.inputs, body_of(request))
    with write.change(actor, "api", note=str(found.label), request=_request_id(request)) as door:
        outcome = door.act(kind.key, record_id, action_key, inputs)
    goto = {"object": outcome.goto[0], "id": outcome.goto[1]} if outcome.goto else None
    return _respond(
        {"message": outcome.message, "goto": goto, **({"reveal": outcome.reveal} if outcome.reveal else {})}
    )


def _as_of(
    request: HttpRequest, actor: Actor, kind: ObjectType, answer: Callable[[Actor], HttpResponse]
) -> HttpResponse:
    """The answer as of the day or moment ``as_of`` names; of today without it."""
    text = request.GET.get("as_of", "")
    if not text or request.method != "GET":
        return answer(actor)
    with past.looking_back(actor, past.moment_of(text, actor), [kind.key]) as reader:
        return answer(reader)


def _list(request: HttpRequest, actor: Actor, kind: ObjectType) -> HttpResponse:
    unknown = set(request.GET) - _PARAMETERS
    if unknown:
        raise QueryError(_("There is no parameter “%(name)s”.") % {"name": min(unknown)[:40]})
    fields = _fields(actor, kind, request.GET.get("fields", ""))
    listing = read.Listing(
        query=tree_of(request.GET.get("filter", ""), kind, actor),
        sort=request.GET.get("sort", ""),
        columns=tuple(field.key for field in fields),
        size=_limit(request.GET.get("limit", "50")),
        cursor=request.GET.get("cursor") or None,
        count=_flag(request, "count"),
        deleted=_flag(request, "deleted"),
    )
    page = read.page(actor, kind.key, listing)
    count = {"number": page.count.number, "more": page.count.more} if page.count else None
    data = [as_json(row, page.columns) for row in page.rows]
    return _respond({"data": data, "next": page.next, "previous": page.previous, "count": count})


def _create(request: HttpRequest, actor: Actor, kind: ObjectType) -> HttpResponse:
    write.require(actor, "create", kind)
    values = parse_values(kind, body_of(request))
    warnings = _warnings(request, actor, kind, values)
    with write.change(actor, "api", request=_request_id(request)) as door:
        created = door.create(kind.key, values)
    response = _respond(_one(actor, kind, created.pk) | warnings, 201)
    response["Location"] = f"/api/v1/{kind.key}/{created.pk}"
    return response


def _warnings(request: HttpRequest, actor: Actor, kind: ObjectType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Records that may be the same, told with what was created; nothing with ``allow_duplicates=true``. What a rule
    refuses is refused by the write door, whatever the parameter says."""
    if kind.declaration.duplicates is None or _flag(request, "allow_duplicates"):
        return {}
    return _told(checking.check(actor, kind, values))


def _warnings_of_change(
    request: HttpRequest, actor: Actor, kind: ObjectType, record_id: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The same for a change of fields that duplicates are told by, looked at together with those that stayed."""
    if not read_fields(kind) & values.keys() or _flag(request, "allow_duplicates"):
        return {}
    read = values_by_id(kind, [record_id])[record_id]
    whole = {field.key: read(field.key) for field in fields_of(kind)}
    return _told(checking.check(actor, kind, whole, record_id))


def _told(found: checking.Check) -> dict[str, Any]:
    return {"warnings": [{"code": "duplicate", **as_match(match)} for match in found.matches]} if found.matches else {}


def _one(actor: Actor, kind: ObjectType, record_id: int, wanted: str = "") -> dict[str, Any]:
    view = read.get(actor, kind.key, record_id)
    keys = {field.key for field in _fields(actor, kind, wanted)} if wanted else None
    return as_json(view.row, [field for field in view.fields if keys is None or field.key in keys])


def _kind(actor: Actor, object_key: str) -> ObjectType:
    kind = snapshot().get(object_key)
    if not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": object_key[:63]})
    return kind


def _check_id(kind: ObjectType, record_id: int) -> None:
    if record_id >= 2**63:
        raise read.missing(kind)


def _fields(actor: Actor, kind: ObjectType, wanted: str) -> tuple[FieldDefinition, ...]:
    visible = {field.key: field for field in actor.visible_fields(kind)}
    if not wanted:
        return tuple(visible.values())
    keys = [key.strip() for key in wanted.split(",") if key.strip()]
    for key in keys:
        if key not in visible:
            raise QueryError(_("There is no field “%(field)s” to show.") % {"field": key[:63]})
    return tuple(visible[key] for key in dict.fromkeys(keys))


def tree_of(text: str, kind: ObjectType, actor: Actor) -> Tree | None:
    """A filter in either spelling: JSON when it begins with a brace, a typed line otherwise."""
    if not text.strip():
        return None
    if not text.lstrip().startswith("{"):
        return query.parse(text, kind, actor)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise QueryError(_("The filter is not valid JSON.")) from error
    return query.from_json(data)


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_LIMIT:
        raise QueryError(_("“limit” is a number from 1 to %(limit)d.") % {"limit": MAX_LIMIT})
    return int(text)


def _flag(request: HttpRequest, name: str) -> bool:
    text = request.GET.get(name, "").lower()
    if text not in _YES + _NO:
        raise QueryError(_("“%(name)s” is true or false.") % {"name": name})
    return text in _YES


def _request_id(request: HttpRequest) -> str:
    return request.headers.get("X-Request-Id", "")[:40]


def _respond(body: Mapping[str, Any], status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
