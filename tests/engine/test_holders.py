"""What is found by a value or by its id is looked up there, however many records a person owns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine import timeline, write
from guanxi.engine.holders import holders
from guanxi.kernel import db
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db
ROWS = 4000


@pytest.fixture(params=[True, False], ids=["with statistics", "without statistics"])
def known(request: pytest.FixtureRequest) -> bool:
    """Whether the database has counted what its tables hold. PostgreSQL does so by itself within a minute."""
    return bool(request.param)


@pytest.fixture
def owner(known: bool) -> Actor:
    """Somebody who sees only what is theirs, which is everything there is."""
    person = people.person("owner", "salesperson")
    with write.change(people.program(), "test") as door:
        rows = [{"name": f"A{n}", "owner": person.pk, "external_id": f"E{n}" if n % 2 else None} for n in range(ROWS)]
        door.create_many("account", rows)
    if known:
        with db.cursor() as cursor:
            cursor.execute("ANALYZE")
    return people.actor(person)


def _plans(ask: Callable[[], object], table: str = "customers_account") -> list[str]:
    """How the database goes about each question that begins with a table."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        ask()
    plans = []
    with db.cursor() as cursor:
        for sql, params in asked:
            if f'FROM "{table}"' in sql.partition(" WHERE ")[0]:
                cursor.execute(("EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, params)
                plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans


def test_values_are_looked_up_in_the_index_of_their_field(owner: Actor, known: bool) -> None:
    kind = snapshot().get("account")
    field = kind.fields["external_id"]
    wanted = [f"E{number}" for number in range(500, 540)] + ["nothing"]
    found = holders(owner, kind, field, wanted)
    assert len(found) == 20 and all(len(ids) == 1 for ids in found.values())
    if db.is_postgresql() and not known:
        return
    by_value, by_id = _plans(lambda: holders(owner, kind, field, wanted))
    assert "account_external" in by_value, by_value
    assert "owner" not in by_id.replace("owner_id", ""), by_id


def test_those_named_are_looked_up_by_their_ids(owner: Actor, known: bool) -> None:
    kind = snapshot().get("account")
    ids = list(kind.model._default_manager.order_by("pk").values_list("pk", flat=True)[:50])
    (plan,) = _plans(lambda: list(among(owner, kind, ids)))
    assert "PRIMARY KEY" in plan or "_pkey" in plan or (db.is_postgresql() and not known), plan


def test_a_timeline_gathers_nothing_that_it_does_not_show(owner: Actor, known: bool) -> None:
    pk = snapshot().get("account").model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
    with write.change(people.program(), "test") as door:
        door.create_many("activity", [{"kind": "call", "content": "x", "about": f"account:{pk}"} for _n in range(50)])
    asked = _plans(lambda: timeline.of(owner, "account", pk), "collaboration_activity")
    assert asked
    for plan in asked:
        assert "LIST SUBQUERY" not in plan and "hashed SubPlan" not in plan, plan


def test_nobody_finds_what_belongs_to_others(owner: Actor) -> None:
    kind = snapshot().get("account")
    stranger = people.actor(people.person("stranger", "salesperson"))
    ids = list(kind.model._default_manager.values_list("pk", flat=True)[:50])
    assert list(among(stranger, kind, ids)) == []
    assert holders(stranger, kind, kind.fields["external_id"], ["E1", "E3"]) == {}
    assert len(list(among(owner, kind, ids, "write"))) == 50
