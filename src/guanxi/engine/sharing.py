"""The query language, lent to sharing rules: conditions on a record's own fields and fixed values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.query.compile import named
from guanxi.engine.query.periods import is_period
from guanxi.engine.query.resolve import ME, MY_TEAM, checked, find_path
from guanxi.engine.query.tree import SEARCH, Condition, Group, Not, Tree
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

_MONTH = re.compile(r"^\d{4}(-\d{2})?$")
"""A year or a month: a period that does not move."""


class QueryLines:
    """Sharing conditions are query lines as people type them into a list."""

    def compile(self, query_line: str, kind: ObjectType, actor: Actor) -> Q:
        """See :class:`guanxi.access.sharing.Conditions`."""
        return query.compile_tree(query.parse(query_line, kind, actor), kind, actor)

    def canonical(self, query_line: str, kind: ObjectType, actor: Actor) -> str:
        """See :class:`guanxi.access.sharing.Conditions`."""
        tree = query.parse(query_line, kind, actor)
        query.compile_tree(tree, kind, actor)
        return query.format(_fixed(tree, kind, actor) if tree is not None else None)

    def fields(self, query_line: str, kind: ObjectType, actor: Actor) -> frozenset[str]:
        """See :class:`guanxi.access.sharing.Conditions`."""
        tree = query.parse(query_line, kind, actor)
        return frozenset(find_path(leaf.path, kind, actor).field.key for leaf in _leaves(tree))


def _leaves(tree: Tree | None) -> Iterator[Condition]:
    match tree:
        case Not(item):
            yield from _leaves(item)
        case Group(_op, items):
            for item in items:
                yield from _leaves(item)
        case Condition():
            yield tree


def _fixed(tree: Tree, kind: ObjectType, actor: Actor) -> Tree:
    """The tree with fields by key and records by id: labels and names change, a rule must not change with them."""
    match tree:
        case Not(item):
            return Not(_fixed(item, kind, actor))
        case Group(op, items):
            return Group(op, tuple(_fixed(item, kind, actor) for item in items))
    assert isinstance(tree, Condition)
    path, leaf = checked(tree, kind, actor)
    if path is None or leaf.path == SEARCH:
        raise QueryError(_("A sharing rule cannot search for words. Compare a field, such as name:上海."))
    if path.steps or (path.field.virtual and path.field.kind.family != "links"):
        raise QueryError(
            _("A sharing rule looks at the record's own fields. “%(field)s” belongs to other records.")
            % {"field": leaf.path}
        )
    return Condition(leaf.path, leaf.op, _fixed_value(path.field, leaf.value, actor))


def _fixed_value(field: FieldDefinition, value: Any, actor: Actor) -> Any:
    if isinstance(value, tuple):
        return tuple(_fixed_value(field, item, actor) for item in value)
    if not isinstance(value, str):
        return value
    if field.kind.family in ("date", "datetime") and is_period(value) and not _MONTH.match(value):
        raise QueryError(
            _("A sharing rule cannot follow the calendar. Give a day instead of “%(period)s”.") % {"period": value}
        )
    if field.kind.family not in ("lookup", "links"):
        return value
    if field.spec.target == "user" and value in (ME, MY_TEAM):
        raise QueryError(
            _("A sharing rule is the same for everybody. Name a person instead of “%(word)s”.") % {"word": value}
        )
    target = snapshot().get(field.spec.target)
    ids = list(
        target.model._default_manager.filter(named(target, [value]), deleted_at=None).values_list("pk", flat=True)[:2]
    )
    if len(ids) != 1:
        raise QueryError(
            _("“%(name)s” is not the name of exactly one of %(objects)s. Give its number, such as #12.")
            % {"name": value[:80], "objects": target.plural}
        )
    return ids[0]
