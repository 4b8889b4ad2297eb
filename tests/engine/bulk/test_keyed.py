"""Records are found by their external id through its index, whatever the database."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.engine import write
from guanxi.engine.bulk.keyed import find_each, key_field
from guanxi.kernel import db
from guanxi.kernel.errors import QueryError
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db


def test_external_ids_are_looked_up_in_their_index() -> None:
    with write.change(people.program(), "test") as door:
        rows = [
            {"name": f"A{number}", "external_id": f"E{number}" if number % 50 == 0 else None} for number in range(2000)
        ]
        door.create_many("account", rows)
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    actor, kind = people.program(), snapshot().get("account")
    key = key_field(actor, kind, "external_id")
    with db.connection().execute_wrapper(note):
        found = find_each(actor, kind, key, ["E50", "E100", "nothing"])
    assert {value: len(ids) for value, ids in found.items()} == {"E50": 1, "E100": 1}
    ((sql, params),) = asked
    with db.cursor() as cursor:
        cursor.execute(("EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "account_external" in plan, plan


def test_only_fields_that_name_one_record_find_it() -> None:
    actor = people.program()
    for name in ("name", "city", "zzz", "owner", "created_at"):
        with pytest.raises(QueryError, match="external_id"):
            key_field(actor, snapshot().get("account"), name)
    assert key_field(actor, snapshot().get("product"), "code").value(" P-1 ") == "P-1"
    with pytest.raises(QueryError):
        key_field(actor, snapshot().get("product"), "code").value("  ")
