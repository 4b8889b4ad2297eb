"""Indexes that administrators add: which filters miss one, building in a job, taking away."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.access.actor import Actor
from guanxi.access.models import AuditEvent
from guanxi.engine import query, read, write
from guanxi.engine.field_index import READY, FieldIndex
from guanxi.engine.indexing import building
from guanxi.engine.indexing.advice import lacking, missed
from guanxi.engine.jobs.running import run
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, Invalid, NotFound, Refused
from guanxi.schema import registry
from guanxi.schema.models import CustomField
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db
ROWS = 3000


@pytest.fixture
def admin() -> Actor:
    return people.actor(people.person("admin", administrator=True))


@pytest.fixture
def custom() -> None:
    """A custom number of accounts, filled in, and the records."""
    CustomField.objects.create(
        object="account", key="floor", kind="integer", label_en="Floor", label_zh="楼层", properties={}, position=1
    )
    registry.bump("schema")
    people.refreshed()
    with write.change(people.program(), "test") as door:
        door.create_many("account", [{"name": f"A{n}", "city": f"C{n % 300}", "floor": n % 300} for n in range(ROWS)])


def _plan(actor: Actor, line: str, rows: int = ROWS // 300) -> str:
    """How the database goes about the page of a filter."""
    kind = snapshot().get("account")
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        found = read.page(actor, "account", read.Listing(query=query.parse(line, kind, actor), count=False))
    assert len(found.rows) == rows
    sql, params = next((sql, params) for sql, params in asked if 'FROM "customers_account"' in sql)
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(("EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("field", "line"), [("floor", "floor:7"), ("city", "city=C7")])
def test_an_index_is_built_and_found_by(admin: Actor, custom: None, field: str, line: str) -> None:
    made = building.add(admin, "account", field)
    assert made.name not in _plan(admin, line)
    run(made.job or 0)
    made.refresh_from_db()
    assert made.state == READY
    assert f"{made.name} " in _plan(admin, line), "that by the value, not the one in the list's order"
    assert AuditEvent.objects.filter(event="index_added", object="account", detail=field).exists()
    with pytest.raises(Conflict, match="already"):
        building.add(admin, "account", field)
    building.remove(admin, made.pk)
    assert made.name not in _plan(admin, line)
    assert AuditEvent.objects.filter(event="index_removed").exists()
    assert building.add(admin, "account", field).pk


@pytest.mark.django_db(transaction=True)
def test_what_is_meant_from_here_to_there_is_found_along_the_list(admin: Actor, custom: None) -> None:
    """The database walks an index in the list's order that holds the value."""
    made = building.add(admin, "account", "floor")
    run(made.job or 0)
    found = {name for name in (made.name, made.walk) if _exists(name)}
    assert found == {made.name, made.walk}
    assert f"using {made.walk}" in _plan(admin, f"floor>={ROWS // 20}", rows=50).replace("USING INDEX", "using")
    building.remove(admin, made.pk)
    assert not any(_exists(name) for name in found)


def _exists(index: str) -> bool:
    with db.cursor() as cursor:
        table, column = ("pg_indexes", "indexname") if db.is_postgresql() else ("sqlite_master", "name")
        cursor.execute(f"SELECT 1 FROM {table} WHERE {column} = %s", [index])
        return cursor.fetchone() is not None


def test_a_filter_misses_an_index_only_where_none_of_its_conditions_has_one(admin: Actor, custom: None) -> None:
    kind = snapshot().get("account")

    def found(line: str) -> list[str]:
        return [field.key for field in missed(kind, query.parse(line, kind, admin))]

    assert found("floor:7") == ["floor"]
    assert found("floor>=7 city=C7") == ["city", "floor"]
    assert found("floor:7 owner:me") == [], "the owner has one"
    assert found("name~abc") == found("floor:7 OR city=C7") == found("NOT floor:7") == []
    FieldIndex.objects.create(object="account", field="floor", made_at=clock.now())
    assert found("floor:7") == found("floor>=7 city=C7") == []
    assert "floor" not in {field.key for field in lacking(kind)}


def test_only_what_an_index_can_serve_and_only_administrators(admin: Actor, custom: None) -> None:
    for key, field, error in (
        ("account", "notes", Invalid), ("account", "tags", Invalid), ("account", "zzz", Invalid), ("zzz", "name", NotFound),
        ("account", "owner", Conflict),
    ):  # fmt: skip
        with pytest.raises(error):
            building.add(admin, key, field)
    seller = people.actor(people.person("seller", "salesperson"))
    with pytest.raises(Refused):
        building.add(seller, "account", "city")
    with pytest.raises(Refused):
        building.listed(seller)
    made = building.add(admin, "account", "city")
    with pytest.raises(Refused):
        building.remove(seller, made.pk)
    with pytest.raises(NotFound):
        building.remove(admin, made.pk + 1)
    assert FieldIndex.objects.count() == 1
    building.remove(admin, made.pk)
    run(made.job or 0)
    assert FieldIndex.objects.count() == 0, "nothing is built that is no longer wanted"
