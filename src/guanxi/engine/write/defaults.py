"""Values a new record gets without being asked, and those that follow from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

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
    formulas = [field for field in kind.fields.values() if field.spec.compute is not None]
    for draft in drafts:
        for key, value in draft.values.items():
            kind.fields[key].write(draft.record, _storable(value))
        for field in formulas:
            if field.spec.compute is not None:
                value = field.spec.compute(draft.record)
                if draft.created or value != draft.was(field.key):
                    draft.set(field.key, value)
                    field.write(draft.record, value)


def _storable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
