"""Telling people that a record has become theirs."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.access.actor import Actor
from guanxi.engine.notifications import notify
from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

SINGLY = 3
"""Up to so many records are told one by one; more as a sum."""


def tell(kind: ObjectType, drafts: Sequence[Draft], actor: Actor) -> None:
    """Notify each person whom somebody else made the owner; what the program does by itself is not announced."""
    if not kind.owned or kind.declaration.kind != "standard" or actor.user_id is None:
        return
    received: dict[int, list[Draft]] = {}
    for draft in drafts:
        owner = draft.get("owner")
        if draft.changed("owner") and owner is not None and owner != actor.user_id:
            received.setdefault(owner, []).append(draft)
    for owner, mine in received.items():
        if len(mine) > SINGLY:
            english = f"{actor.name} gave you {len(mine)} {kind.plural.en.lower()}"
            notify([owner], Label(english, f"{actor.name} 将 {len(mine)} 条{kind.label.zh}交给了您"), kind="assigned")
            continue
        for draft in mine:
            title = kind.title_of(draft.record)
            text = Label(
                f"{actor.name} gave you the {kind.label.en.lower()} “{title}”",
                f"{actor.name} 将{kind.label.zh}“{title}”交给了您",
            )
            notify([owner], text, kind.key, draft.record.pk, kind="assigned")
