"""A tree as chips above a list: each condition in the reader's words, removable."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.access.actor import Actor
from guanxi.engine.labels import labels_for
from guanxi.engine.query.periods import is_period
from guanxi.engine.query.resolve import ME, MY_TEAM, find_path
from guanxi.engine.query.textform import format_line
from guanxi.engine.query.tree import SEARCH, Condition, Group, Not, Tree
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition: ``text`` for the reader, ``query`` as a typed line, ``rest`` the line without it."""

    text: str
    query: str
    rest: str


def conjuncts(tree: Tree | None) -> tuple[Tree, ...]:
    """The conditions that must all hold."""
    if tree is None:
        return ()
    return tree.items if isinstance(tree, Group) and tree.op == "and" else (tree,)


def chips(tree: Tree | None, kind: ObjectType, actor: Actor) -> tuple[Chip, ...]:
    """One chip per top-level condition."""
    parts = conjuncts(tree)
    return tuple(
        Chip(
            describe(part, kind, actor),
            _line((part,)),
            _line(parts[:index] + parts[index + 1 :]),
        )
        for index, part in enumerate(parts)
    )


def _line(parts: tuple[Tree, ...]) -> str:
    if not parts:
        return ""
    return format_line(parts[0] if len(parts) == 1 else Group("and", parts))


def describe(tree: Tree, kind: ObjectType, actor: Actor) -> str:
    """A condition in the reader's words."""
    match tree:
        case Group(op, items):
            joint = f" {_('or')} " if op == "or" else f" {_('and')} "
            return joint.join(describe(item, kind, actor) for item in items)
        case Not(item):
            return _("not (%(condition)s)") % {"condition": describe(item, kind, actor)}
        case Condition(path, op, value):
            if path == SEARCH:
                return f"“{value}”"
            found = find_path(path, kind, actor)
            label = " › ".join(str(step.label) for step in (*found.steps, found.field))
            if op in ("empty", "not_empty"):
                return f"{label} {_sign(op)}"
            values = value if isinstance(value, tuple) else (value,)
            shown = _(", ").join(_value(found.field, item, actor) for item in values)
            return f"{label} {_sign(op)} {shown}"


def _sign(op: str) -> str:
    return {
        **{"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥", "in": "=", "not_in": "≠"},
        "contains": _("contains"),
        "not_contains": _("does not contain"),
        "starts": _("starts with"),
        "has": _("has"),
        "has_not": _("has not"),
        "empty": _("is empty"),
        "not_empty": _("is filled in"),
    }[op]


def _value(field: FieldDefinition, value: object, actor: Actor) -> str:
    if isinstance(value, str) and field.spec.target == "user" and value in (ME, MY_TEAM):
        return _("me") if value == ME else _("my team")
    if isinstance(value, str) and field.kind.family in ("date", "datetime") and is_period(value):
        return period_name(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _title(field, value, actor)
    if field.kind.family in ("lookup", "links"):
        return str(value)
    try:
        parsed = field.kind.parse(value, field.spec)
    except ValueError:
        return str(value)
    return field.display(parsed, actor.reading())


def _title(field: FieldDefinition, record_id: int, actor: Actor) -> str:

    if field.spec.target not in snapshot().objects:
        return f"#{record_id}"
    return labels_for(actor, {field.spec.target: {record_id}}).get((field.spec.target, record_id), f"#{record_id}")


def period_name(text: str) -> str:
    """A relative period in the reader's words."""
    names = {
        "today": _("today"),
        "yesterday": _("yesterday"),
        "tomorrow": _("tomorrow"),
        "last_week": _("last week"),
        "this_week": _("this week"),
        "next_week": _("next week"),
        "last_month": _("last month"),
        "this_month": _("this month"),
        "next_month": _("next month"),
        "last_quarter": _("last quarter"),
        "this_quarter": _("this quarter"),
        "next_quarter": _("next quarter"),
        "last_year": _("last year"),
        "this_year": _("this year"),
        "next_year": _("next year"),
    }
    if text in names:
        return names[text]
    parts = text.split("_")
    if text.endswith("_days_ago"):
        return _("%(count)s days ago") % {"count": parts[0]}
    if text.startswith("in_"):
        return _("in %(count)s days") % {"count": parts[1]}
    if text.startswith("last_"):
        return _("the last %(count)s days") % {"count": parts[1]}
    if text.startswith("next_"):
        return pgettext("period", "the next %(count)s days") % {"count": parts[1]}
    return text
