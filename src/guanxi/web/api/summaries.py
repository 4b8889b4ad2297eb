"""Summaries of an object: counts and sums per group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from guanxi.access.actor import Actor
from guanxi.engine import replicas, summaries
from guanxi.engine.aggregates import upkeep
from guanxi.engine.aggregates.tables import AggregateState
from guanxi.engine.summaries import Summary
from guanxi.schema.aggregates import Aggregate
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web.api.access import api
from guanxi.web.api.answers import encoded, respond
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
            "number": found.totals.number,
            "sums": orjson.Fragment(encoded(_sums(found))),
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


def _sums(found: Summary) -> dict[str, Any]:
    return {field.key: field.kind.to_json(one) for field, one in zip(found.sums, found.totals.sums, strict=True)}


def _data(found: Summary) -> Any:
    """The groups, written column by column: there may be thousands, and each of their values is written once."""
    groups = found.groups
    place = {part.field: index for index, part in enumerate(found.parts)}
    held, sums = _members(place), _members(field.key for field in found.sums)
    line = f'{{"values":{held},"labels":{held},"number":%s,"sums":{sums}}}'
    values = [{text: _written(_value(by, text)) for text in one} for by, one in zip(found.by, found.names, strict=True)]
    labels = [{text: _written(name) for text, name in one.items()} for one in found.names]
    columns = [
        *(
            map(known[index].__getitem__, groups.values[index])
            for known in (values, labels)
            for index in place.values()
        ),
        groups.numbers,
        *(_numbers(field, column) for field, column in zip(found.sums, groups.sums, strict=True)),
    ]
    return orjson.Fragment(f"[{','.join(map(line.__mod__, zip(*columns, strict=True)))}]")


def _numbers(field: FieldDefinition, column: Sequence[int]) -> list[str]:
    """What a field comes to, group by group, written in one go: there is no comma in a number or an amount."""
    return encoded(list(map(field.kind.to_json, column))).decode()[1:-1].split(",") if column else []


def _members(keys: Iterable[str]) -> str:
    """An object with a place for each value; keys of fields are letters and numbers."""
    return "{" + ",".join(f'"{key}":%s' for key in keys) + "}"


def _written(value: str | int | bool | None) -> str:
    return encoded(value).decode()


def _value(field: FieldDefinition, text: str) -> str | int | bool | None:
    """The value of a group as the API writes it: an id, a key, a period; nothing for empty."""
    if text == "":
        return None
    if field.kind.family == "lookup":
        return int(text)
    return text in ("true", "1") if field.kind.family == "boolean" else text
