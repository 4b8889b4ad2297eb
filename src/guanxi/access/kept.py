"""What follows from the objects that everybody sees and hardly anybody changes: stages, people, departments, roles.

It is found out once and kept with the compiled rights, for as long as these stand: a change of such a record raises the same
version in its own transaction (:func:`changed`), so that every process begins anew with its next request.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from guanxi.access.actor import Actor
from guanxi.kernel import db
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType

Answer = TypeVar("Answer")
_CHANGED = "kept"


def is_kept(kind: ObjectType) -> bool:
    """Whether the records of an object are few, open to everybody and seldom changed."""
    return kind.declaration.kind in ("setup", "directory")


def changed(kind: ObjectType) -> None:
    """Tell every process that records of an object have changed, inside the transaction of the change."""
    if is_kept(kind):
        registry.bump("access")
        db.mark(_CHANGED)


def store(actor: Actor) -> dict[Any, Any]:
    """Where the actor's answers may be kept; a passing one where they may be older or younger than the rights.

    That is so for an actor who looks at the past, for what a replica says, and in a transaction that has changed such
    records itself: if it is rolled back, nobody may have seen them.
    """
    if actor.past is not None or db.source() != db.alias() or db.marked(_CHANGED):
        return {}
    return actor.access.memo


def kept(actor: Actor, key: Hashable, find: Callable[[], Answer]) -> Answer:
    """What ``find`` says. ``key`` names all that it depends on besides the records, such as the language of the actor."""
    memo = store(actor)
    if key not in memo:
        memo[key] = find()
    found: Answer = memo[key]
    return found
