"""Summaries of an object: counts and sums per group."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from guanxi.access.actor import Actor
from guanxi.engine import replicas, summaries
from guanxi.engine.aggregates import upkeep
from guanxi.engine.aggregates.tables import AggregateState
from guanxi.engine.summaries import Summary
from guanxi.schema.aggregates import Aggregate
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import flag
from guanxi.web.api.finding import kind_of, tree_of

PARAMETERS = ("filter", "by", "sum", "live")


@api("GET", query=PARAMETERS)
def summary(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """How many records meet the filter, and what fields come to, per group; money in the company's currency."""
    kind = kind_of(actor, object_key)
    parts = [summaries.part_of(actor, kind, one) for one in _listed(request, "by")]
    tree = tree_of(request.GET.get("filter", ""), kind, actor)
    live = flag(request, "live")
    with replicas.reading() as behind:
        found = summaries.summarise(actor, kind.key, tree, parts, _listed(request, "sum"), live=live)
    return respond(
        {
            "data": _data(found),
            "number": found.count,
            "sums": {field.key: field.kind.to_json(found.totals[field.key]) for field in found.sums},
            "kept": found.kept,
            "behind": behind,
        }
    )


@api("GET", "POST")
def kept(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The sums that are kept; ``POST`` compares them with the records in a job."""
    if request.method == "POST":
        job = upkeep.check_all(actor)
        response = respond({"job": job.pk}, 202)
        response["Location"] = f"/api/v1/jobs/{job.pk}"
        return response
    return respond({"data": [_kept(*one) for one in upkeep.states(actor)]})


def _kept(kind: ObjectType, aggregate: Aggregate, state: AggregateState | None) -> dict[str, Any]:
    return {
        "object": kind.key,
        "key": aggregate.key,
        "by": [part.text for part in aggregate.by],
        "sums": list(aggregate.sums),
        "in_use": upkeep.in_use(aggregate, state),
        "built_at": _moment(state.built_at if state is not None else None),
        "checked_at": _moment(state.checked_at if state is not None else None),
        "put_right": state.mended if state is not None else 0,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _listed(request: HttpRequest, name: str) -> list[str]:
    return [one.strip() for one in request.GET.get(name, "").split(",") if one.strip()]


def _data(found: Summary) -> list[dict[str, Any]]:
    keys = [part.field for part in found.parts]
    columns = zip(*(line.values for line in found.lines), strict=True)
    known = [
        {text: _value(field, text) for text in set(column)} for field, column in zip(found.by, columns, strict=False)
    ]
    numbers = [(field.key, field.kind.to_json) for field in found.sums]
    # There may be thousands: their length is right, zip need not look for it again.
    return [
        {
            "values": dict(zip(keys, map(dict.__getitem__, known, values))),  # noqa: B905
            "labels": dict(zip(keys, labels)),  # noqa: B905
            "number": count,
            "sums": {key: to_json(sums[key]) for key, to_json in numbers},
        }
        for values, labels, _places, count, sums in found.lines
    ]


def _value(field: FieldDefinition, text: str) -> str | int | bool | None:
    """The value of a group as the API writes it: an id, a key, a period; nothing for empty."""
    if text == "":
        return None
    if field.kind.family == "lookup":
        return int(text)
    return text in ("true", "1") if field.kind.family == "boolean" else text
