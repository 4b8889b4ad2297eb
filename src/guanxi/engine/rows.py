"""Selecting rows: the columns asked for, projected by the actor's field rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from guanxi.access.actor import Actor
from guanxi.access.visibility import named, own_and_granted, sees_all
from guanxi.engine.labels import labels_for, pointed_to, shown_titles, titled
from guanxi.engine.masking import masked
from guanxi.engine.rollups import rolled_up
from guanxi.engine.shapes import Labels, Row
from guanxi.engine.sorting import Key
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Link


def columns_of(kind: ObjectType, keys: Sequence[str], actor: Actor) -> tuple[FieldDefinition, ...]:
    """The fields with these keys that the actor may see; those of the default list when none are given."""
    wanted = keys or kind.declaration.list_columns
    return tuple(
        kind.fields[key]
        for key in dict.fromkeys(wanted)
        if key in kind.fields and actor.field_level(kind.key, key) != "hidden"
    )


def fetch(
    rows: QuerySet[Any],
    kind: ObjectType,
    fields: Sequence[FieldDefinition],
    actor: Actor,
    *,
    keys: Sequence[Key] = (),
    on_record: bool = False,
    editable: bool = True,
) -> tuple[list[Row], list[list[Any]]]:
    """Rows of an ordered and cut queryset, and the sort values of each. One query, and one per sort of virtual field."""
    stored = [field for field in fields if not field.virtual]
    titles = shown_titles(kind, actor)
    currency = kind.fields.get("currency")
    decided = editable and kind.owned and not sees_all(actor, kind, "write") and actor.can("edit", kind.key)
    named: dict[str, Any] = {f"_f{index}": field.expression() for index, field in enumerate(stored)}
    named |= {f"_t{index}": field.expression() for index, field in enumerate(titles)}
    if currency is not None:
        named["_currency"] = currency.expression()
    if decided:
        named["_owner"] = kind.fields["owner"].expression()
    selected = list(
        rows.annotate(**named).values_list("pk", "version", "deleted_at", *named, *[key.alias for key in keys])
    )
    ids = [row[0] for row in selected]
    virtual = _virtual(kind, [field for field in fields if field.virtual], ids, actor)
    first_title, end = 3 + len(stored), 3 + len(named)
    if decided:
        # The rows may be read already, so how far the actor edits decides alone.
        people = actor.reach(kind.key, edit=True)
        writable = frozenset(row[0] for row in selected if people is None or row[end - 1] in people)
        if kind.key in actor.access.granted or kind.declaration.kind == "relation":
            writable |= _opened(kind, [pk for pk in ids if pk not in writable], actor)
    else:
        writable = _writable(kind, ids, actor) if editable else frozenset()
    hidden = {f.key: f for f in fields if actor.field_level(kind.key, f.key) == "masked"}
    if on_record:
        hidden = {key: f for key, f in hidden.items() if actor.masked_on_record(kind.key, key)}
    money_at = 3 + len(stored) + len(titles)
    names = titled(kind, titles, [(row[0], row[first_title : first_title + len(titles)]) for row in selected], actor)
    result: list[Row] = []
    for row in selected:
        values = {field.key: field.from_row(row[3 + index]) for index, field in enumerate(stored)}
        values |= virtual.get(row[0], {})
        for key, field in hidden.items():
            values[key] = masked(field, values.get(key))
        result.append(
            Row(
                id=row[0],
                title=names[row[0]],
                version=row[1],
                values=values,
                currency=row[money_at] if currency is not None else "",
                editable=row[0] in writable,
                deleted=row[2] is not None,
                masked=frozenset(hidden),
            )
        )
    return result, [list(row[end:]) for row in selected]


def _opened(kind: ObjectType, ids: list[int], actor: Actor) -> frozenset[int]:
    """Those of others' records that somebody or a rule opened to the actor for writing."""
    _people, granted = (own_and_granted(actor, kind, "write") if ids else None) or ((), None)
    return _writable(kind, ids, actor) if granted is None else frozenset(ids) & frozenset(granted)


def _writable(kind: ObjectType, ids: list[int], actor: Actor) -> frozenset[int]:
    if not ids or not actor.can("edit", kind.key):
        return frozenset()
    if sees_all(actor, kind, "write"):
        return frozenset(ids)
    return frozenset(pk for (pk,) in named(actor, kind, ids, level="write", live=True))


def _virtual(
    kind: ObjectType, fields: Sequence[FieldDefinition], ids: list[int], actor: Actor
) -> dict[int, dict[str, Any]]:
    values: dict[int, dict[str, Any]] = {pk: {field.key: None for field in fields} for pk in ids}
    links = [field.key for field in fields if field.kind.family == "links"]
    if links and ids:
        found = Link.objects.filter(object=kind.key, record__in=ids, field__in=links).order_by("id")
        for record, key, target in found.values_list("record", "field", "target"):
            values[record][key] = (*(values[record][key] or ()), target)
    for key, told in rolled_up(fields, ids, actor).items() if ids else ():
        for pk, value in told.items():
            values[pk][key] = value
    return values


def label_rows(fields: Iterable[FieldDefinition], rows: Iterable[Row], actor: Actor) -> Labels:
    """Titles of everything the rows point to."""
    return labels_for(actor, pointed_to(fields, (row.values for row in rows)))
