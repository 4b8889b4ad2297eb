"""What a mass change is to do, understood and checked before any record is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query, write
from guanxi.engine.parse import parse_values, refusal
from guanxi.engine.query import Tree
from guanxi.engine.scoping import rows_of
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot

OPERATIONS = ("update", "add", "remove", "delete", "restore")
MOST = 1_000_000
"""So many records are changed at once at most."""
SEVERAL = ("links", "choices")
"""Families of fields that hold several values, one of which can be added or removed."""


@dataclass(frozen=True, slots=True)
class Order:
    """An operation on the records of ``ids``, or on those that meet the condition ``tree``; on all where that is empty."""

    object: str
    operation: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """In the form of the API, by field key; none to delete and restore."""
    ids: tuple[int, ...] | None = None
    tree: Tree | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An order that is understood: what is done with each batch."""

    kind: ObjectType
    name: str
    values: dict[str, Any]

    @property
    def deleted(self) -> bool:
        """Whether it is about records in the recycle bin."""
        return self.name == "restore"

    def apply(self, door: write.Door, ids: Sequence[int]) -> None:
        """Do it with records that are there; raises as the door does."""
        if self.name == "delete":
            door.delete(self.kind.key, ids)
        elif self.name == "restore":
            door.restore(self.kind.key, ids)
        elif self.name == "update":
            door.update_each(self.kind.key, {pk: self.values for pk in ids})
        else:
            door.update_each(self.kind.key, self._several(ids))

    def _several(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Per record its former values with the given ones added, or without them."""
        changes: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
        for key, given in self.values.items():
            definition = self.kind.fields[key]
            for pk, held in _held(self.kind, definition, ids).items():
                changes[pk][key] = self._joined(definition, held, given)
        return changes

    def _joined(self, definition: FieldDefinition, held: set[Any], given: Sequence[Any]) -> tuple[Any, ...] | None:
        wanted = held | set(given) if self.name == "add" else held - set(given)
        if definition.kind.family == "links":
            return tuple(sorted(wanted)) or None
        return tuple(option.key for option in definition.spec.options if option.key in wanted) or None


def _held(kind: ObjectType, definition: FieldDefinition, ids: Sequence[int]) -> dict[int, set[Any]]:
    """The values each record has now."""
    found: dict[int, set[Any]] = {pk: set() for pk in ids}
    if definition.kind.family == "links":
        links = Link.objects.filter(object=kind.key, field=definition.key, record__in=ids)
        for record, target in links.values_list("record", "target"):
            found[record].add(target)
        return found
    rows = kind.model._default_manager.filter(pk__in=ids).annotate(_held=definition.expression())
    for pk, stored in rows.values_list("pk", "_held"):
        found[pk] = set(definition.from_row(stored) or ())
    return found


def understand(actor: Actor, order: Order, *, many: bool = True) -> Operation:
    """The operation meant; raises what stands against it whatever the records are: rights, unknown fields, wrong values."""
    kind = snapshot().get(order.object)
    if not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": order.object[:63]})
    if order.operation not in OPERATIONS:
        raise Invalid(_("“operation” is one of %(names)s.") % {"names": ", ".join(OPERATIONS)})
    right = order.operation if order.operation in ("delete", "restore") else "edit"
    write.require(actor, right, kind)
    if many and right == "edit":
        write.require(actor, "mass_update", kind)
    if right != "edit":
        if order.values:
            raise Invalid(_("To delete and restore takes no “values”."))
        return Operation(kind, order.operation, {})
    if not order.values:
        raise Invalid(_("Say in “values” which fields get which value."))
    values = parse_values(kind, order.values)
    if order.operation != "update":
        _check_several(kind, values)
    return Operation(kind, order.operation, values)


def _check_several(kind: ObjectType, values: Mapping[str, Any]) -> None:
    single = [key for key in values if kind.fields[key].kind.family not in SEVERAL]
    if single:
        said = _("This field holds a single value: nothing can be added to it or removed from it.")
        raise refusal({key: [said] for key in single})
    empty = [key for key, value in values.items() if not value]
    if empty:
        raise refusal({key: [_("Choose at least one.")] for key in empty})


def chosen(actor: Actor, order: Order) -> QuerySet[Any]:
    """The records of the filter of an order that the actor may see."""
    kind = snapshot().get(order.object)
    return rows_of(actor, kind, order.tree, deleted=order.operation == "restore")


def count(actor: Actor, order: Order) -> int:
    """How many records an order is about, counted exactly up to one more than may be changed at once."""
    if order.ids is not None:
        return len(set(order.ids))
    return chosen(actor, order).order_by()[: MOST + 1].count()


def line(order: Order) -> str:
    """The filter as a typed line, to show."""
    return query.format(order.tree) if order.tree is not None else ""


def too_many() -> Invalid:
    """The refusal of more than a million records at once."""
    return Invalid(_("At most %(limit)d records can be changed at once. Narrow the filter.") % {"limit": MOST})
