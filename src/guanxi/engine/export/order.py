"""What somebody wants exported, and what of it they may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import query
from guanxi.engine.scoping import rows_of
from guanxi.engine.sorting import Key, keys_for
from guanxi.kernel.errors import Invalid, Refused
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

FORMATS = {"csv": "CSV", "xlsx": "Excel", "jsonl": "JSON lines"}
HEADINGS = ("labels", "keys")
FORMS = ("shown", "data")
MAX_IDS = 2000


@dataclass(frozen=True, slots=True)
class Order:
    """An export as it is asked for.

    ``query`` is a typed line; ``columns`` are field keys, none for every field; ``ids`` narrows to a selection.
    ``headings``: ``labels`` in the person's language or ``keys``. ``form``: ``shown`` as people read values, or ``data``
    (keys, ids, ISO 8601) that an import reads back. ``note`` adds a last row with person and time to a spreadsheet.
    """

    object: str
    format: str = "csv"
    query: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    headings: str = "labels"
    form: str = "shown"
    note: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """An order understood for one actor: the fields and rows that the actor may see."""

    order: Order
    actor: Actor
    kind: ObjectType
    fields: tuple[FieldDefinition, ...]
    rows: QuerySet[Any]
    keys: list[Key]


def prepare(actor: Actor, order: Order) -> Plan:
    """Understand an order; :class:`Refused` without the right, :class:`Invalid` or ``QueryError`` in words otherwise."""
    kind = snapshot().get(order.object)
    rows = rows_of(actor, kind, None)
    if not actor.can("export", kind.key):
        raise Refused(
            _("Your roles do not let you export %(objects)s. Ask an administrator for the right “export”.")
            % {"objects": kind.plural}
        )
    _check(order)
    rows = rows_of(actor, kind, query.parse(order.query, kind, actor) if order.query.strip() else None)
    if order.ids:
        rows = rows.filter(pk__in=order.ids)
    keys = keys_for(order.sort or kind.declaration.default_sort, kind, actor)
    return Plan(order, actor, kind, _fields(actor, kind, order), rows, keys)


def _check(order: Order) -> None:
    wrong = {
        key: [_("Choose from the list.")]
        for key, value, choices in (
            ("format", order.format, FORMATS),
            ("headings", order.headings, HEADINGS),
            ("form", order.form, FORMS),
        )
        if value not in choices
    }
    if wrong:
        raise Invalid(_("This kind of file cannot be made. Choose from the list."), wrong)
    if len(order.ids) > MAX_IDS:
        raise Invalid(_("Select at most %(limit)d records at a time.") % {"limit": MAX_IDS})


def _fields(actor: Actor, kind: ObjectType, order: Order) -> tuple[FieldDefinition, ...]:
    """The fields asked for, as far as the actor may see them; encrypted ones never leave in a file."""
    offered = {field.key: field for field in exportable(actor, kind)}
    if not order.columns:
        return tuple(offered.values())
    return tuple(offered[key] for key in dict.fromkeys(order.columns) if key in offered)


def exportable(actor: Actor, kind: ObjectType) -> tuple[FieldDefinition, ...]:
    """Every field that a file can hold for the actor; the external id among them."""
    return tuple(
        field
        for field in actor.visible_fields(kind)
        if (field.shown or field.key == "external_id") and field.kind.name != "encrypted"
    )
