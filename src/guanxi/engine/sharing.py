"""The query language, lent to the sharing rules of the access layer."""

from __future__ import annotations

from django.db.models import Q

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.query.resolve import checked
from guanxi.engine.query.tree import Condition, Group, Not, Tree
from guanxi.schema.definition import ObjectType


class QueryLines:
    """Sharing conditions are the query lines that people type into a list."""

    def compile(self, query_line: str, kind: ObjectType, actor: Actor) -> Q:
        """See :class:`guanxi.access.sharing.Conditions`."""
        return query.compile_tree(query.parse(query_line, kind, actor), kind, actor)

    def canonical(self, query_line: str, kind: ObjectType, actor: Actor) -> str:
        """See :class:`guanxi.access.sharing.Conditions`."""
        tree = query.parse(query_line, kind, actor)
        query.compile_tree(tree, kind, actor)
        return query.format(_with_keys(tree, kind, actor) if tree is not None else None)


def _with_keys(tree: Tree, kind: ObjectType, actor: Actor) -> Tree:
    """The tree with fields by their keys, which never change, instead of their labels, which do."""
    match tree:
        case Not(item):
            return Not(_with_keys(item, kind, actor))
        case Group(op, items):
            return Group(op, tuple(_with_keys(item, kind, actor) for item in items))
    assert isinstance(tree, Condition)
    return checked(tree, kind, actor)[1]
