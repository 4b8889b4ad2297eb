"""The records opened to an actor one by one or by rules: looked up once per request, read and written ones together."""

from __future__ import annotations

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
    return _grants(kind.key, clock.now(), (_principals(actor), level))


def ids(actor: Actor, kind: ObjectType, level: Level) -> frozenset[int] | None:
    """The records granted to the actor; ``None`` where there are too many to name."""
    read, asked = (kind.key, "read"), (kind.key, level)
    if read not in actor.opened:
        found = _found(actor, kind, "read")
        few = len(found) <= FEW
        actor.opened[read] = frozenset(pk for pk, _level in found) if few else None
        if few:
            actor.opened[kind.key, "write"] = frozenset(pk for pk, held in found if held == "write")
    if asked not in actor.opened:
        found = _found(actor, kind, level)
        actor.opened[asked] = frozenset(pk for pk, _level in found) if len(found) <= FEW else None
    return actor.opened[asked]


def _found(actor: Actor, kind: ObjectType, level: Level) -> list[tuple[Any, ...]]:
    """Records and levels, one more than can be named at most."""
    if not db.is_postgresql():
        return prepared.rows(_records_and_levels, kind.key, clock.now(), shape=(_principals(actor), level))
    principals = ", ".join(f"('{word}', {int(one)})" for word, ids in _principals(actor) for one in ids)
    written = "AND g.level = 'write'" if level == "write" else ""
    with db.cursor() as cursor:
        cursor.execute(
            _BY_PRINCIPAL.format(principals=principals, written=written, most=FEW + 1), [kind.key, clock.now()]
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _principals(actor: Actor) -> Principals:
    """For whom a grant may be to be one for the actor."""
    found: dict[str, Iterable[int]] = {"user": (actor.user_id or 0,), "everyone": (0,)}
    person = actor.access.people.get(actor.user_id or 0)
    if person is not None:
        found["role"] = sorted(person.roles)
        if person.department is not None:
            found["department"] = (person.department,)
            found["department_tree"] = sorted(actor.access.above(person.department))
    return tuple((key, tuple(ids)) for key, ids in found.items())


def _grants(object_key: str, now: datetime, shape: tuple[Principals, Level]) -> QuerySet[Grant]:
    principals, level = shape
    rows = Grant.objects.filter(PairIn(F("principal_kind"), F("principal"), dict(principals)), object=object_key)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return rows.filter(level="write") if level == "write" else rows


def _records_and_levels(object_key: str, now: datetime, shape: tuple[Principals, Level]) -> QuerySet[Any]:
    return _grants(object_key, now, shape).order_by().values_list("record", "level")[: FEW + 1]
