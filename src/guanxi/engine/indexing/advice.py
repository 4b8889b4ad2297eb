"""Which fields could have an index, and which a filter misses."""

from __future__ import annotations

from django.db.models import Index

from guanxi.engine.field_index import FieldIndex
from guanxi.engine.query.tree import Condition, Group, Tree
from guanxi.schema.definition import FieldDefinition, ObjectType

FAMILIES = ("text", "number", "date", "datetime", "choice", "lookup")
_LONG = ("long_text", "rich_text", "encrypted")
_LOOKED_UP = ("eq", "in", "lt", "le", "gt", "ge")
"""Operators that an index answers; “contains” reads every value."""


def indexable(kind: ObjectType) -> list[FieldDefinition]:
    """The fields of an object that an index can serve, whether or not they have one."""
    return [
        field
        for field in kind.fields.values()
        if field.kind.family in FAMILIES and not field.virtual and field.kind.name not in _LONG and field.shown
    ]


def lacking(kind: ObjectType) -> list[FieldDefinition]:
    """Those of them that have no index, neither from the start nor from an administrator."""
    added = set(FieldIndex.objects.filter(object=kind.key).values_list("field", flat=True))
    return [field for field in indexable(kind) if field.key not in added and not _shipped(kind, field)]


def missed(kind: ObjectType, tree: Tree | None) -> list[FieldDefinition]:
    """The fields by which a filter looks records up without an index; none where one of its conditions has one, which then
    leaves few records for the others to be checked on."""
    keys = _keys(tree)
    without = [field for field in lacking(kind) if field.key in keys]
    return without if len(without) == len(keys) else []


def _keys(tree: Tree | None) -> set[str]:
    """The object's own fields that every record found must hold a certain value in."""
    match tree:
        case Condition(path, op) if op in _LOOKED_UP and "." not in path:
            return {path}
        case Group("and", items):
            return set().union(*(_keys(item) for item in items))
    return set()


def _shipped(kind: ObjectType, field: FieldDefinition) -> bool:
    """Whether the model has an index that begins with the field."""
    if field.custom:
        return False
    column = kind.model._meta.get_field(field.attribute)
    if getattr(column, "db_index", False) or getattr(column, "unique", False):
        return True
    return any(_first(index) in (field.attribute, column.name) for index in kind.model._meta.indexes)


def _first(index: Index) -> str:
    """The attribute an index begins with."""
    if index.fields_orders:
        return index.fields_orders[0][0]
    expression = index.expressions[0]
    column = getattr(expression, "expression", expression)
    return str(getattr(column, "name", ""))
