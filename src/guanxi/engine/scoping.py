"""The records a question is about: those the actor may see that meet a condition, whole or in parts that can be counted."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every, parts
from guanxi.engine.query import Tree, compile_tree
from guanxi.kernel.errors import NotFound
from guanxi.schema.definition import ObjectType


def rows_of(actor: Actor, kind: ObjectType, query: Tree | None, *, deleted: bool = False) -> QuerySet[Any]:
    """The records of an object that the actor may see and that meet the condition."""
    if not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": kind.key})
    rows = every(actor, kind).filter(deleted_at__isnull=not deleted)
    return rows.filter(compile_tree(query, kind, actor))


def in_parts(actor: Actor, kind: ObjectType, query: Tree | None, *, deleted: bool = False) -> tuple[QuerySet[Any], ...]:
    """The records of :func:`rows_of` in parts that do not overlap, each of which an index can count or sum up."""
    split = parts(actor, kind)
    if split is None:
        return (rows_of(actor, kind, query, deleted=deleted),)
    rows = kind.model._default_manager.filter(deleted_at__isnull=not deleted).filter(compile_tree(query, kind, actor))
    return tuple(rows.filter(part) for part in split)
