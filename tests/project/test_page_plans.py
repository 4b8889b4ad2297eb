"""No page and no call that the benchmark measures reads a large table from end to end, on either database."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from guanxi.access import compiled
from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.indexing import building
from guanxi.project.bench.fill import MANAGER
from guanxi.project.bench.load import load
from guanxi.project.bench.pages import cases
from guanxi.schema import registry
from tests.support import plans

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = (
    *("sales_opportunity", "customers_account", "customers_contact", "collaboration_activity"),
    *("journal_entry", "access_grant", "engine_aggregaterow"),
)


def _check(rows: int, *, large: bool) -> None:
    load(rows, lambda _line: None)
    compiled.ensure(registry.versions().get("access", 0))
    manager = User.objects.get(username=MANAGER)
    client = Client(headers={"Host": "localhost"})
    client.force_login(manager)
    wrong = []
    seen = 0
    for case in cases(manager):
        for sql, params in plans.asked(partial(case.request, client), LARGE):
            seen += 1
            if lines := plans.whole(plans.plan(sql, params, large=large), LARGE):
                wrong.append((case.name, lines, sql[:300]))
    for one in FieldIndex.objects.all():
        building.remove(Actor.program(), one.pk)
    assert wrong == []
    assert seen > 60


def test_no_measured_page_reads_a_table_whole() -> None:
    _check(20_000, large=False)


@pytest.mark.soak
def test_nor_with_a_million_of_each() -> None:
    _check(1_000_000, large=True)
