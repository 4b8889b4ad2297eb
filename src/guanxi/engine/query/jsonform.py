"""The JSON spelling: ``{"and": [...]}``, ``{"or": [...]}``, ``{"not": ...}``, ``{"field": f, "op": o, "value": v}``."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.engine.query.tree import Condition, Group, Not, Tree
from guanxi.kernel.errors import QueryError

MAX_DEPTH = 20
MAX_NODES = 500


def to_json(tree: Tree) -> dict[str, Any]:
    """The tree as JSON data."""
    match tree:
        case Condition(path, op, value):
            data: dict[str, Any] = {"field": path, "op": op}
            if value is not None:
                data["value"] = list(value) if isinstance(value, tuple) else value
            return data
        case Group(op, items):
            return {op: [to_json(item) for item in items]}
        case Not(item):
            return {"not": to_json(item)}


def from_json(data: Any) -> Tree:
    """The tree of JSON data; :class:`QueryError` when it is not one or is too deep or too long."""
    budget = [MAX_NODES]
    return _read(data, MAX_DEPTH, budget)


def _read(data: Any, depth: int, budget: list[int]) -> Tree:
    budget[0] -= 1
    if depth < 0 or budget[0] < 0:
        raise QueryError(_("This filter is too long or too deep. Use fewer conditions."))
    if not isinstance(data, dict):
        raise _malformed()
    for op in ("and", "or"):
        if set(data) == {op}:
            if not isinstance(data[op], list):
                raise _malformed()
            return Group("and" if op == "and" else "or", tuple(_read(item, depth - 1, budget) for item in data[op]))
    if set(data) == {"not"}:
        return Not(_read(data["not"], depth - 1, budget))
    if not {"field", "op"} <= set(data) <= {"field", "op", "value"}:
        raise _malformed()
    path, op, value = data["field"], data["op"], data.get("value")
    if not isinstance(path, str) or not isinstance(op, str):
        raise _malformed()
    if isinstance(value, list):
        if not all(isinstance(item, str | int | float | bool) for item in value):
            raise _malformed()
        value = tuple(_plain(item) for item in value)
    elif isinstance(value, dict):
        raise _malformed()
    else:
        value = _plain(value)
    return Condition(path, op, value)


def _plain(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value


def _malformed() -> QueryError:
    return QueryError(_('A filter is {"field": …, "op": …, "value": …}, {"and": […]}, {"or": […]} or {"not": …}.'))
