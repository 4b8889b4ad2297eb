"""The list page of a middle manager reads no table whole: 300 people, 50 roles, 200 sharing rules, thousands of grants."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from guanxi.access.granted import FEW
from guanxi.access.models import Grant, User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.kernel import db
from guanxi.project.bench.company import build
from tests.support import people

LARGE = ("sales_opportunity", "access_grant", "journal_entry")
PAGES = (
    "/o/opportunity",
    "/o/opportunity?q=status:open",
    "/o/opportunity?sort=-amount",
    "/o/opportunity?sort=close_on",
)


def _prepared(rows: int) -> User:
    with db.cursor() as cursor:
        company = build(rows)
        cursor.execute("VACUUM ANALYZE" if db.is_postgresql() else "ANALYZE")
    people.refreshed()
    assert Opportunity.objects.count() == rows
    assert Grant.objects.filter(object="opportunity").count() > FEW
    return company.manager


def _asked(manager: User, page: str) -> list[tuple[str, Any]]:
    """The statements a page sends."""
    client = Client()
    client.force_login(manager)
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        assert client.get(page).status_code == 200
    return [(sql, params) for sql, params in seen if sql.startswith("SELECT") and any(name in sql for name in LARGE)]


def _plan(sql: str, params: Any) -> list[str]:
    with db.cursor() as cursor:
        cursor.execute(("EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, params)
        return [str(row[-1]) for row in cursor.fetchall()]


def _whole(line: str) -> bool:
    """Whether a line of a plan reads a large table from one end to the other, past every index."""
    if db.is_postgresql():
        return any(f"Seq Scan on {name}" in line for name in LARGE)
    return any(line.startswith(f"SCAN {name}") and "USING" not in line for name in LARGE)


def _check(manager: User) -> None:
    for page in PAGES:
        asked = _asked(manager, page)
        assert len(asked) >= 3, page
        for sql, params in asked:
            plan = _plan(sql, params)
            assert [line for line in plan if _whole(line)] == [], (page, sql[:200], plan)


@pytest.mark.django_db(transaction=True)
def test_no_page_of_the_list_reads_a_table_whole() -> None:
    _check(_prepared(30_000))


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_nor_with_a_million_opportunities() -> None:
    _check(_prepared(1_000_000))


@pytest.mark.django_db
def test_the_check_finds_a_full_scan() -> None:
    """The test would be worth nothing if it could not fail."""
    plan = _plan("SELECT COUNT(*) FROM journal_entry WHERE verb = %s", ["x"])
    assert [line for line in plan if _whole(line)]
