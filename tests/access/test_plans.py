"""The list page of a middle manager reads no table whole: 300 people, 50 roles, 200 sharing rules, thousands of grants."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from guanxi.access.granted import FEW
from guanxi.access.models import Grant, User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.kernel import db
from guanxi.project.bench.company import build
from tests.support import people, plans

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


def _check(manager: User) -> None:
    client = Client()
    client.force_login(manager)
    for page in PAGES:
        asked = plans.asked(partial(client.get, page), LARGE)
        assert len(asked) >= 3, page
        for sql, params in asked:
            plan = plans.plan(sql, params)
            assert plans.whole(plan, LARGE) == [], (page, sql[:200], plan)


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
    plan = plans.plan("SELECT COUNT(*) FROM journal_entry WHERE verb = %s", ["x"])
    assert plans.whole(plan, LARGE)
