"""What a merge would do, before it is done: the records side by side, what would be chosen, what would be turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.merging import choosing, related
from guanxi.engine.merging.run import mergeable, read
from guanxi.engine.rows import fetch, label_rows
from guanxi.engine.shapes import Labels, Row
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import FieldDefinition, ObjectType


@dataclass(frozen=True)
class Line:
    """One field of the records, with the record (or all of them) whose value is taken."""

    field: FieldDefinition
    differs: bool
    several: bool
    choice: int | str


@dataclass(frozen=True)
class Preview:
    """The records in the order asked for, the lines of their fields, and how many records of each object would be turned."""

    kind: ObjectType
    rows: tuple[Row, ...]
    labels: Labels
    survivor: int
    lines: tuple[Line, ...]
    turned: tuple[tuple[ObjectType, int], ...]


def preview(actor: Actor, object_key: str, ids: Sequence[int], survivor: int | None = None) -> Preview:
    """What merging the records would do for this actor; ``survivor`` is the one to keep, or the best of them.

    Raises what :func:`guanxi.engine.merging.merge` would raise for the records.
    """
    kind = mergeable(actor, object_key)
    ids = list(dict.fromkeys(ids))
    if not 2 <= len(ids) <= choosing.MOST:
        raise Invalid(_("Choose two to %(most)d different records to merge.") % {"most": choosing.MOST})
    with db.atomic():
        drafts = read(actor, kind, ids)
    keep = survivor if survivor in ids else choosing.best(kind, drafts)
    kept = next(one for one in drafts if one.record.pk == keep)
    going = [one for one in drafts if one.record.pk != keep]
    lines = []
    for field in _in_order(kind, choosing.choosable(actor, kind)):
        values = [one.get(field.key) for one in drafts]
        if all(value is None for value in values):
            continue
        differs = any(value != values[0] for value in values)
        several = choosing.several(field) and differs
        choice = choosing.default(field, kept, going) if differs else keep
        lines.append(Line(field, differs, several, choice))
    shown = [line.field for line in lines]
    shown += [kind.fields["created_at"]] if actor.field_level(kind.key, "created_at") != "hidden" else []
    found, _marks = fetch(among(actor, kind, ids).filter(deleted_at=None), kind, shown, actor, on_record=True)
    rows = tuple(sorted(found, key=lambda row: ids.index(row.id)))
    turned = related.counted(actor, kind, [pk for pk in ids if pk != keep])
    return Preview(kind, rows, label_rows(shown, rows, actor), keep, tuple(lines), tuple(turned))


def _in_order(kind: ObjectType, fields: Sequence[FieldDefinition]) -> list[FieldDefinition]:
    """As the form has them."""
    order = [key for section in kind.sections for key in section.fields]
    return sorted(fields, key=lambda field: order.index(field.key) if field.key in order else len(order))
