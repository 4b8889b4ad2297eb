"""Links fields (tags): their rows are replaced by the new values."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.rules import Draft


def write_links(kind: ObjectType, drafts: Sequence[Draft]) -> None:
    """Bring the link rows of the drafts in line with their values."""
    for field in kind.fields.values():
        if field.kind.family != "links":
            continue
        touched = [draft for draft in drafts if draft.changed(field.key)]
        if not touched:
            continue
        ids = [draft.record.pk for draft in touched if not draft.created]
        if ids:
            Link.objects.filter(object=kind.key, field=field.key, record__in=ids).delete()
        rows = [
            Link(
                object=kind.key, record=draft.record.pk, field=field.key, target_object=field.spec.target, target=target
            )
            for draft in touched
            for target in draft.get(field.key) or ()
        ]
        Link.objects.bulk_create(rows, batch_size=1000)
