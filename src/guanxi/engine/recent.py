"""The records a person opened last."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine.labels import labels_for
from guanxi.engine.models import Recent
from guanxi.engine.shapes import Choice
from guanxi.kernel import clock

KEEP = 50


def touch(actor: Actor, object_key: str, record_id: int) -> None:
    """Remember that the person opened the record now; one statement."""
    if actor.user_id is None:
        return
    Recent.objects.bulk_create(
        [Recent(person_id=actor.user_id, object=object_key, record=record_id, at=clock.now())],
        update_conflicts=True,
        unique_fields=["person", "object", "record"],
        update_fields=["at"],
    )


def of(actor: Actor, limit: int = 8) -> tuple[Choice, ...]:
    """The records opened last that the person may still see, latest first."""
    rows = Recent.objects.filter(person_id=actor.user_id).order_by("-at").values_list("object", "record")[: limit * 2]
    wanted: dict[str, set[int]] = {}
    for key, pk in rows:
        wanted.setdefault(key, set()).add(pk)
    titles = labels_for(actor, wanted)
    return tuple(Choice(key, pk, titles[(key, pk)]) for key, pk in rows if (key, pk) in titles)[:limit]
