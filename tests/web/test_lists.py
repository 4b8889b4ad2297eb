"""The list and what can be done in it."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.stage import Stage
from tests.web import deals

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SCRIPT = {"X-Guanxi": "1"}


def ids(page: str) -> list[int]:
    return [int(part.split(" ", 1)[0]) for part in page.split("<tr data-id=")[1:]]


def test_a_query_that_cannot_be_read_says_so_and_keeps_what_was_typed(visitor: Client) -> None:
    deals.make(2)
    page = visitor.get("/o/opportunity", {"q": "amount>>lots"}).content.decode()
    assert 'value="amount&gt;&gt;lots"' in page
    assert 'id="query-error"' in page
    assert ids(page) == []


def test_chips_take_their_condition_out_of_the_line(visitor: Client) -> None:
    deals.make(5)
    page = visitor.get("/o/opportunity", {"q": "amount>=300 status:open"}).content.decode()
    assert page.count('class="chip"') == 2
    assert "/o/opportunity?q=status%3Dopen" in page
    assert len(ids(page)) == 3


def test_further_rows_continue_where_the_page_ended(visitor: Client) -> None:
    made = deals.make(60)
    first = visitor.get("/o/opportunity", {"sort": "amount"}).content.decode()
    address = first.split('hx-get="/o/opportunity?', 1)[1].split("sort=amount&amp;cursor=", 1)[1].split('"', 1)[0]
    rest = visitor.get(f"/o/opportunity?sort=amount&cursor={address}", headers=HTMX).content.decode()
    assert ids(first) + ids(rest) == made


def test_a_value_is_saved_where_it_stands(visitor: Client) -> None:
    deal = deals.make(1)[0]
    widget = visitor.get(f"/o/opportunity/{deal}/cell/amount", headers=HTMX).content.decode()
    assert 'name="amount"' in widget
    answer = visitor.post(f"/o/opportunity/{deal}/cell/amount", {"amount": "12万", "version": "1"}, headers=SCRIPT)
    assert answer.status_code == 200, answer.content
    assert "120,000" in answer.json()["html"]
    assert Opportunity.objects.get(pk=deal).amount == 120_000_00


def test_a_value_somebody_else_changed_meanwhile_is_not_overwritten(visitor: Client) -> None:
    deal = deals.make(1)[0]
    visitor.post(f"/o/opportunity/{deal}/cell/amount", {"amount": "5", "version": "1"}, headers=SCRIPT)
    late = visitor.post(f"/o/opportunity/{deal}/cell/amount", {"amount": "6", "version": "1"}, headers=SCRIPT)
    assert late.status_code == 409
    assert late.json()["message"]
    assert Opportunity.objects.get(pk=deal).amount == 500


def test_a_wrong_value_comes_back_with_its_words(visitor: Client) -> None:
    deal = deals.make(1)[0]
    answer = visitor.post(f"/o/opportunity/{deal}/cell/amount", {"amount": "lots"}, headers=SCRIPT)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["amount"]


def test_a_move_asks_for_what_the_stage_requires(visitor: Client) -> None:
    deal = deals.make(1)[0]
    lost = Stage.objects.get(category="lost").pk
    refused = visitor.post(f"/o/opportunity/{deal}/move", {"value": lost, "field": "stage"}, headers=SCRIPT)
    assert refused.status_code == 422
    assert "lost_reason" in refused.json()["fields"]
    dialog = visitor.get(f"/o/opportunity/{deal}/move?value={lost}&ask=lost_reason", headers=HTMX).content.decode()
    assert 'name="lost_reason"' in dialog
    data = {"value": lost, "ask": "lost_reason", "lost_reason": "price", "field": "stage"}
    done = visitor.post(f"/o/opportunity/{deal}/move", data, headers=HTMX)
    assert done.status_code == 204
    assert set(json.loads(done.headers["HX-Trigger"])) == {"closeDialog", "refresh", "toast"}
    assert Opportunity.objects.get(pk=deal).stage_id == lost


def test_many_records_change_at_once(visitor: Client) -> None:
    made = deals.make(3)
    data = {"what": "edit", "id": [str(pk) for pk in made], "field": "amount", "amount": "77"}
    assert visitor.post("/o/opportunity/bulk", data, headers=HTMX).status_code == 204
    assert set(Opportunity.objects.values_list("amount", flat=True)) == {7700}
    bin_them = {"what": "delete", "id": [str(made[0])]}
    assert visitor.post("/o/opportunity/bulk", bin_them, headers=HTMX).status_code == 204
    assert ids(visitor.get("/o/opportunity?deleted=1").content.decode()) == [made[0]]
    back = {"what": "restore", "id": [str(made[0])]}
    assert visitor.post("/o/opportunity/bulk", back, headers=HTMX).status_code == 204
    assert len(ids(visitor.get("/o/opportunity").content.decode())) == 3


def test_the_filter_builder_adds_a_condition(visitor: Client) -> None:
    deals.make(1)
    parameters = {"field": "amount", "op": "ge", "amount": "1万", "add": "1", "q": "status:open"}
    answer = visitor.get("/o/opportunity/filter", parameters, headers=HTMX)
    address = json.loads(answer.headers["HX-Trigger"])["goList"]
    assert "status%3Dopen+amount%3E%3D10000" in str(address)


def test_a_view_is_kept_with_filter_sort_and_columns(visitor: Client) -> None:
    deals.make(2)
    data = {"name": "Big ones", "shared": "everyone", "pinned": "on"}
    saved = visitor.post("/o/opportunity/save-view?q=amount%3E%3D200&sort=-amount", data, headers=HTMX)
    page = visitor.get(saved.headers["HX-Redirect"]).content.decode()
    assert "Big ones" in page
    assert len(ids(page)) == 1
    visitor.post("/o/opportunity/columns", {"column": ["amount", "owner"]})
    heads = visitor.get("/o/opportunity").content.decode().split("<thead>")[1].split("</thead>")[0]
    assert [part.split('"', 1)[0] for part in heads.split('data-k="')[1:]] == ["name", "amount", "owner"]
