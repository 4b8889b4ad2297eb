"""Change sets: what was done, what undoing it would do, and doing it; and the history of a record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import timeline, undo
from guanxi.engine.undo import Change, Refusal
from guanxi.kernel.errors import Invalid, QueryError
from guanxi.schema.registry import snapshot
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of
from guanxi.web.api.finding import kind_of
from guanxi.web.numbers_in import whole

SHOWN = 500
"""So many records of a plan are listed; the counts are of all."""


@api("GET", query=("who", "person", "object", "from", "to", "before"))
def collection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What was done, newest first: by oneself, or with ``who=all`` by everybody, for administrators and auditors."""
    get = request.GET
    found = undo.acts(
        actor,
        everybody=_everybody(get.get("who", "me")),
        person=_number(get.get("person")),
        object_key=get.get("object", ""),
        start=_day(get.get("from")),
        end=_day(get.get("to")),
        before=_number(get.get("before")),
    )
    return _respond({"data": [_act(act) for act in found.acts], "next": found.next})


@api("GET")
def item(request: HttpRequest, actor: Actor, change_set_id: int) -> HttpResponse:
    """What undoing the change set would do."""
    plan = undo.plan(actor, change_set_id)
    return _respond(
        {
            "id": plan.change_set.pk,
            "at": plan.change_set.at.isoformat(),
            "undoes": plan.change_set.undoes_id,
            "possible": {"count": len(plan.possible), "records": [_change(one) for one in plan.possible[:SHOWN]]},
            "refused": {"count": len(plan.refused), "records": [_refusal(one) for one in plan.refused[:SHOWN]]},
        }
    )


@api("POST")
def take_back(request: HttpRequest, actor: Actor, change_set_id: int) -> HttpResponse:
    """Undo the change set, or what it did to the ``records`` named; undoing an undo does things again."""
    only = _records(body_of(request))
    if only is None and undo.is_large(change_set_id):
        begun = undo.start_undo(actor, change_set_id)
        response = _respond({"job": begun.pk})
        response.status_code = 202
        response["Location"] = f"/api/v1/jobs/{begun.pk}"
        return response
    done = undo.undo(actor, change_set_id, only)
    refused = {"count": len(done.refused), "records": [_refusal(one) for one in done.refused[:SHOWN]]}
    return _respond({"change_set": done.change_set, "records": done.records, "refused": refused})


@api("GET", query=("field", "person", "from", "to", "cursor"))
def history(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """The history of a record, newest first, in words of the caller's language."""
    kind = kind_of(actor, object_key)
    get = request.GET
    only = timeline.Filter(get.get("field", ""), _number(get.get("person")), _day(get.get("from")), _day(get.get("to")))
    found = timeline.history(actor, kind.key, record_id, get.get("cursor"), only=only)
    data = [
        {
            "at": one.at.isoformat(),
            "actor": one.actor or None,
            "verb": one.verb,
            "change_set": one.change_set,
            "undone": one.undone,
            "changes": [{"field": label, "before": before, "after": after} for label, before, after in one.changes],
        }
        for one in found.items
    ]
    return _respond({"data": data, "next": found.next})


def _act(act: undo.Act) -> dict[str, Any]:
    return {
        "id": act.id,
        "at": act.at.isoformat(),
        "actor": act.person or None,
        "done": [{"object": one.kind.key, "verb": one.verb, "records": one.count} for one in act.done],
        "undoes": act.undoes,
        "undone": act.undone,
    }


def _change(change: Change) -> dict[str, Any]:
    return {"object": change.object, "id": change.record, "way": change.way}


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {**_change(refusal.change), "reason": refusal.reason}


def _records(body: dict[str, Any]) -> list[tuple[str, int]] | None:
    named = body.pop("records", None)
    if body or not (named is None or isinstance(named, list)):
        raise Invalid(_("The body may hold “records” alone: a list of texts such as account:12."))
    if named is None:
        return None
    found = []
    for text in named:
        key, _colon, number = str(text).partition(":")
        pk = whole(number)
        if key not in snapshot().objects or pk is None:
            raise Invalid(_("Name records as object:number, such as account:12."))
        found.append((key, pk))
    return found


def _everybody(who: str) -> bool:
    if who not in ("me", "all"):
        raise QueryError(_("“%(name)s” is one of %(choices)s.") % {"name": "who", "choices": "me, all"})
    return who == "all"


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    number = whole(text) or None
    if number is None:
        raise QueryError(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return number


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if len(text) != 10:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise QueryError(_("Write the day as year-month-day, such as 2026-03-31.")) from None


def _respond(data: dict[str, Any]) -> HttpResponse:
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False})
