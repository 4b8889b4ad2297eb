"""The number of queries of each page is known, and does not grow with the rows shown."""

from __future__ import annotations

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.kernel import db
from tests.engine.search.indexed import follow_journal
from tests.web import deals

# Names are kept in memory only as they are committed.
pytestmark = pytest.mark.django_db(transaction=True)

BUDGET = {
    "/": 32,
    "/o/opportunity": 9,
    "/o/opportunity?q=amount%3E%3D100": 9,
    "/o/opportunity?layout=board": 13,
    "/o/opportunity?layout=calendar&month=2030-01-01": 8,
    "/o/opportunity/totals": 6,
    "/o/opportunity?layout=summary&by=stage&by=owner": 10,
    "/briefing": 27,
    "/o/account": 8,
    "/o/opportunity/{id}": 20,
    "/o/opportunity/{id}/peek": 12,
    "/o/opportunity/{id}/related": 22,
    "/o/opportunity/{id}/edit": 10,
    "/o/opportunity/new?quick=1": 4,
    "/palette?q=%E5%95%86%E6%9C%BA": 10,
}
"""At most so many queries; a page may get better, never worse."""


def queries(client: Client, path: str) -> int:
    """The number of queries of one request, everything cached in memory warm."""
    client.get(path)
    with CaptureQueriesContext(db.connection()) as captured:
        assert client.get(path).status_code == 200, path
    return len(captured)


def test_the_number_of_queries_is_the_same_for_ten_and_for_fifty_rows(visitor: Client) -> None:
    first = deals.make(10)[0]
    follow_journal()
    visitor.get(f"/o/opportunity/{first}")  # from here on there is something that was opened lately
    few = {path: queries(visitor, path.format(id=first)) for path in BUDGET}
    deals.make(40)
    follow_journal()
    many = {path: queries(visitor, path.format(id=first)) for path in BUDGET}
    assert few == many
    over = {path: (number, BUDGET[path]) for path, number in many.items() if number > BUDGET[path]}
    assert not over, f"more queries than the budget allows: {over}"


def test_a_new_record_through_the_api_asks_for_no_more_than_it_must(visitor: Client) -> None:
    pk = deals.make(1)[0]
    account = visitor.get(f"/api/v1/opportunity/{pk}?fields=account").json()["account"]
    body = {"name": "Retrofit", "account": account, "amount": "1000"}

    def create() -> None:
        answer = visitor.post("/api/v1/opportunity", body, content_type="application/json")
        assert answer.status_code == 201, answer.content

    create()
    with CaptureQueriesContext(db.connection()) as captured:
        create()
    assert len(captured) <= 23, [one["sql"][:80] for one in captured.captured_queries]
