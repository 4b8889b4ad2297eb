"""Values a new record gets without being asked, and those that follow from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft, written

if TYPE_CHECKING:
    from guanxi.engine.write.door import Door


def fill_defaults(kind: ObjectType, drafts: Sequence[Draft], door: Door) -> None:
    """Declared defaults, the company's currency, and the actor as owner."""
    for field in kind.fields.values():
        default = field.spec.default
        if field.key == "currency" and default is None:
            default = settings.GUANXI_CURRENCY
        if field.kind.name == "owner" and field.key == "owner":
            default = door.user_id
        if default is None:
            continue
        for draft in drafts:
            if draft.values.get(field.key) is None:
                draft.set(field.key, default() if callable(default) else default)


def fill_formulas(kind: ObjectType, drafts: Sequence[Draft]) -> None:
    """Put the new values on the records, then compute the formulas from them."""
    for key in written(drafts):
        kind.fields[key].write_each(
            [
                (draft.record, tuple(value) if isinstance(value := draft.values[key], list) else value)
                for draft in drafts
                if key in draft.values
            ]
        )
    for field in kind.fields.values():
        compute = field.spec.compute
        if compute is None:
            continue
        for draft in drafts:
            value = compute(draft.record)
            if draft.created or value != draft.was(field.key):
                draft.set(field.key, value)
                field.write(draft.record, value)
