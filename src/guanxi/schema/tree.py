"""Objects whose records form a tree through a lookup to their own object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.schema.rules import Draft

MAX_DEPTH = 100


def refuse_cycles(drafts: Sequence[Draft], field: str) -> None:
    """Refuse each draft whose new ``field`` (the parent) would make the record its own ancestor.

    One query per level of the tree, however many drafts there are; the parents being written count as written.
    """
    moved = {draft.record.pk: draft for draft in drafts if not draft.created and draft.changed(field)}
    if not moved:
        return
    known: dict[int, int | None] = {pk: draft.get(field) for pk, draft in moved.items()}
    model: Any = drafts[0].kind.model
    for _level in range(MAX_DEPTH):
        missing = {parent for parent in known.values() if parent is not None and parent not in known}
        if not missing:
            break
        found = dict(model.objects.filter(pk__in=missing).values_list("pk", f"{field}_id"))
        known.update({pk: found.get(pk) for pk in missing})
    for pk, draft in moved.items():
        if _climbs_back(pk, known):
            draft.error(field, _("A record cannot be below itself. Choose another one."))


def _climbs_back(start: int, parents: dict[int, int | None]) -> bool:
    seen = {start}
    current = parents.get(start)
    while current is not None:
        if current in seen:
            return True
        seen.add(current)
        current = parents.get(current)
    return False
