"""The filter builder: a condition from a field, an operator and a value, added to the typed line."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.query.chips import period_name
from guanxi.engine.query.resolve import checked
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.web import rendering, widgets
from guanxi.web.listing import ListState, read_state
from guanxi.web.numbers_in import whole, wholes
from guanxi.web.permission import readable
from guanxi.web.request import Request

PERIODS = (
    *("today", "yesterday", "tomorrow", "this_week", "last_week", "next_week"),
    *("this_month", "last_month", "next_month", "this_quarter", "last_quarter", "next_quarter"),
    *("this_year", "last_year"),
)


def operator_names() -> dict[str, str]:
    """Operators in words."""
    return {
        "eq": _("is"),
        "ne": _("is not"),
        "lt": _("less than / before"),
        "le": _("at most / up to"),
        "gt": _("more than / after"),
        "ge": _("at least / from"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "contains": _("contains"),
        "not_contains": _("does not contain"),
        "starts": _("starts with"),
        "has": _("has"),
        "has_not": _("has not"),
        "empty": _("is empty"),
        "not_empty": _("is filled in"),
    }


@require_GET
def builder(request: Request, object_key: str) -> HttpResponse:
    """The builder's form for a field, or, when it is sent, the list with the condition added."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    fields = filterable(actor, kind)
    chosen = next((field for field in fields if field.key == request.GET.get("field")), fields[0])
    operators = [op for op in query.operators_for(chosen) if op not in ("in", "not_in")]
    operator = request.GET.get("op") if request.GET.get("op") in operators else operators[0]
    error = ""
    if request.GET.get("add") == "1":
        try:
            return _added(request, state, chosen, operator or operators[0])
        except QueryError as problem:
            error = problem.message
    names = operator_names()
    raw = {chosen.key: request.GET.getlist(chosen.key) or ""}
    if chosen.kind.name not in widgets.SEVERAL:
        raw = {chosen.key: request.GET.get(chosen.key, "")}
    context = {
        "kind": kind,
        "state": state,
        "fields": fields,
        "chosen": chosen,
        "operators": [(op, names[op]) for op in operators],
        "operator": operator,
        "valueless": operator in ("empty", "not_empty"),
        "periods": [(key, period_name(key)) for key in PERIODS] if chosen.kind.family in ("date", "datetime") else [],
        "asked": widgets.ask(actor, [(chosen.key, chosen.spec)], raw, object_key=kind.key)[0],
        "error": error,
    }
    return rendering.fragment(request, "list/filter_form.html", context, 422 if error else 200)


def filterable(actor: Actor, kind: ObjectType) -> list[FieldDefinition]:
    """The fields a person can filter by."""
    return [
        field
        for field in kind.fields.values()
        if field.shown and query.operators_for(field) and actor.field_level(kind.key, field.key) in ("read", "write")
    ]


def _added(request: Request, state: ListState, field: FieldDefinition, operator: str) -> HttpResponse:
    kind = state.kind
    value: object = None
    if operator not in ("empty", "not_empty"):
        value = _value(request, field)
    _path, condition = checked(query.Condition(field.key, operator, value), kind, request.actor)  # type: ignore[arg-type]
    tree = query.both(state.tree, condition)
    address = replace(state, parameters={**state.parameters, "q": query.format(tree)}).url(cursor="")
    return rendering.done("", goList=address)


def _value(request: Request, field: FieldDefinition) -> object:
    period = request.GET.get("period", "")
    if period in PERIODS:
        return period
    if field.kind.name in widgets.SEVERAL:
        values: list[object] = [text for text in request.GET.getlist(field.key) if text]
        return wholes(request.GET.getlist(field.key)) if field.kind.family == "links" else values
    if field.kind.name == "boolean":
        return request.GET.get(field.key) in ("yes", "on", "true", "1")
    text = request.GET.get(field.key, "")
    number = whole(text) if field.kind.family == "lookup" else None
    return text if number is None else number
