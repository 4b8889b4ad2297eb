"""The records opened to an actor one by one or by rules: looked up once per request, read and written ones together."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from django.db.models import F, Q, QuerySet

from guanxi.access.actor import Actor
from guanxi.access.models import Grant
from guanxi.kernel import clock, db, prepared
from guanxi.kernel.sql import PairIn
from guanxi.schema.definition import ObjectType

Level = Literal["read", "write"]
Principals = tuple[tuple[str, tuple[int, ...]], ...]
FEW = 1000
"""So many granted records are named in a query; more are looked up in it."""
MANY_SECONDS = 300
"""So long a process takes it that there are still too many."""
# Django has no lateral joins. Each principal's grants are one stretch of the index; a list of pairs PostgreSQL would rather
# join to all grants of the object, and alternatives spelled out to a table of millions, until it has found enough.
_BY_PRINCIPAL = """SELECT found.record, found.level FROM (VALUES {principals}) AS principal (kind, id) CROSS JOIN LATERAL (
    SELECT g.record, g.level FROM access_grant g
    WHERE g.object = %s AND g.principal_kind = principal.kind AND g.principal = principal.id
    AND (g.expires_at IS NULL OR g.expires_at > %s) {written} ORDER BY g.level, g.record LIMIT {most}
) AS found LIMIT {most}
"""


def grants(actor: Actor, kind: ObjectType, level: Level) -> QuerySet[Grant]:
    """The grants of an object that are for the actor and have not ended."""
    return grants_to(kind.key, clock.now(), (principals(actor), level))


def ids(actor: Actor, kind: ObjectType, level: Level) -> frozenset[int] | None:
    """The records granted to the actor; ``None`` where there are too many to name."""
    if (kind.key, "read") not in actor.opened:
        found = _few(actor, kind, "read")
        actor.opened[kind.key, "read"] = None if found is None else frozenset(pk for pk, _level in found)
        if found is not None:
            actor.opened[kind.key, "write"] = frozenset(pk for pk, held in found if held == "write")
    if (kind.key, level) not in actor.opened:
        found = _few(actor, kind, level)
        actor.opened[kind.key, level] = None if found is None else frozenset(pk for pk, _level in found)
    return actor.opened[kind.key, level]


def _few(actor: Actor, kind: ObjectType, level: Level) -> list[tuple[Any, ...]] | None:
    """Records and levels; ``None`` where there are too many to name.

    That is not asked again for minutes: it decides how a question is put to the database, never what is found.
    """
    key = ("many granted", actor.user_id, kind.key, level)
    if time.monotonic() - actor.access.memo.get(key, float("-inf")) < MANY_SECONDS:
        return None
    found = _found(actor, kind, level)
    if len(found) <= FEW:
        return found
    actor.access.memo[key] = time.monotonic()
    return None


def _found(actor: Actor, kind: ObjectType, level: Level) -> list[tuple[Any, ...]]:
    """Records and levels, one more than can be named at most."""
    if not db.is_postgresql():
        return prepared.rows(_records_and_levels, kind.key, clock.now(), shape=(principals(actor), level))
    everyone = ", ".join(f"('{word}', {int(one)})" for word, ids in principals(actor) for one in ids)
    written = "AND g.level = 'write'" if level == "write" else ""
    with db.cursor() as cursor:
        cursor.execute(
            _BY_PRINCIPAL.format(principals=everyone, written=written, most=FEW + 1), [kind.key, clock.now()]
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def principals(actor: Actor) -> Principals:
    """For whom a grant may be to be one for the actor."""
    found: dict[str, Iterable[int]] = {"user": (actor.user_id or 0,), "everyone": (0,)}
    person = actor.access.people.get(actor.user_id or 0)
    if person is not None:
        found["role"] = sorted(person.roles)
        if person.department is not None:
            found["department"] = (person.department,)
            found["department_tree"] = sorted(actor.access.above(person.department))
    return tuple((key, tuple(ids)) for key, ids in found.items())


def grants_to(object_key: str, now: datetime, whom: tuple[Principals, Level]) -> QuerySet[Grant]:
    """The grants of an object at a moment that are for these principals at this level."""
    some, level = whom
    rows = Grant.objects.filter(PairIn(F("principal_kind"), F("principal"), dict(some)), object=object_key)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return rows.filter(level="write") if level == "write" else rows


def _records_and_levels(object_key: str, now: datetime, shape: tuple[Principals, Level]) -> QuerySet[Any]:
    return grants_to(object_key, now, shape).order_by().values_list("record", "level")[: FEW + 1]
