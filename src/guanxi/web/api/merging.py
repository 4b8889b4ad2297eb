"""Merging records."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import merging, read
from guanxi.engine.export.jsonlines import as_json
from guanxi.kernel.errors import Invalid
from guanxi.schema.registry import snapshot
from guanxi.web.api.access import api, body_of
from guanxi.web.numbers_in import LONGEST

LARGEST = 10**LONGEST


@api("POST")
def merge(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Merge the records named in the body into this one."""
    kind = snapshot().get(object_key)
    body = body_of(request)
    records, values, versions = body.pop("records", None), body.pop("values", {}), body.pop("versions", {})
    if body:
        raise Invalid(_("The body may hold “records”, “values” and “versions” alone."))
    done = merging.merge(
        actor,
        kind.key,
        min(record_id, LARGEST),
        _numbers(records),
        _choices(values),
        versions=_versions(versions),
        request=request.headers.get("X-Request-Id", "")[:40],
    )
    view = read.get(actor, kind.key, done.survivor)
    answer = {
        "change_set": done.change_set,
        "moved": done.moved,
        "record": as_json(view.row, view.fields),
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _numbers(given: Any) -> list[int]:
    if not isinstance(given, list) or not all(_is_id(one) for one in given):
        raise Invalid(_("“records” is a list of record ids, such as [12, 13]."))
    return given


def _choices(given: Any) -> dict[str, int | str]:
    if not isinstance(given, dict) or not all(one == merging.ALL or _is_id(one) for one in given.values()):
        raise Invalid(_("“values” names by field the id of the record whose value is kept, or “all”."))
    return given


def _versions(given: Any) -> dict[int, int]:
    if not isinstance(given, dict) or not all(key.isdigit() and _is_id(one) for key, one in given.items()):
        raise Invalid(_("“versions” names by record id the version that was read."))
    return {int(key): one for key, one in given.items() if len(key) <= LONGEST}


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST
