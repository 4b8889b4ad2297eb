"""Merging records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import merging, read
from guanxi.engine.export.jsonlines import as_json
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import body_of
from guanxi.web.api.finding import kind_of, request_id
from guanxi.web.numbers_in import LONGEST
from guanxi.web.problems import Malformed

LARGEST = 10**LONGEST


@api("POST")
def merge(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Merge the records named in the body into this one."""
    kind = kind_of(actor, object_key)
    body = body_of(request, ("records", "values", "versions"))
    records, values, versions = body.get("records"), body.get("values", {}), body.get("versions", {})
    done = merging.merge(
        actor,
        kind.key,
        record_id,
        _numbers(records),
        _choices(values),
        versions=_versions(versions),
        request=request_id(request),
    )
    view = read.get(actor, kind.key, done.survivor)
    answer = {
        "change_set": done.change_set,
        "moved": done.moved,
        "record": as_json(view.row, view.fields),
    }
    return respond(answer)


def _numbers(given: Any) -> list[int]:
    if not isinstance(given, list) or not all(_is_id(one) for one in given):
        raise Malformed(_("“records” is a list of record ids, such as [12, 13]."))
    return given


def _choices(given: Any) -> dict[str, int | str]:
    if not isinstance(given, dict) or not all(one == merging.ALL or _is_id(one) for one in given.values()):
        raise Malformed(_("“values” names by field the id of the record whose value is kept, or “all”."))
    return given


def _versions(given: Any) -> dict[int, int]:
    if not isinstance(given, dict) or not all(key.isdigit() and _is_id(one) for key, one in given.items()):
        raise Malformed(_("“versions” names by record id the version that was read."))
    return {int(key): one for key, one in given.items() if len(key) <= LONGEST}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST
