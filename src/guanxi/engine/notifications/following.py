"""Following a record: being told what others change about it."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine.notifications.tables import Follow
from guanxi.kernel import clock


def follows(actor: Actor, object_key: str, record: int) -> bool:
    """Whether the actor follows a record."""
    return Follow.objects.filter(person_id=actor.user_id, object=object_key, record=record).exists()


def follow(actor: Actor, object_key: str, record: int) -> None:
    """Follow a record the actor has just been shown; once is enough."""
    row = Follow(person_id=actor.user_id or 0, object=object_key, record=record, since=clock.now())
    Follow.objects.bulk_create([row], ignore_conflicts=True)


def unfollow(actor: Actor, object_key: str, record: int) -> None:
    """Follow it no longer."""
    Follow.objects.filter(person_id=actor.user_id, object=object_key, record=record).delete()
