"""Forms: nothing typed is ever lost, and every error stands beside its field."""

from __future__ import annotations

import pytest
from django.test import Client

from guanxi.domains.customers.account import Account
from tests.web import deals

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def test_a_refused_form_keeps_everything_typed(visitor: Client) -> None:
    data = {"name": "", "email": "not a mail", "phone": "+86 10 8888 8888", "description": "two\nlines"}
    response = visitor.post("/o/account/new", data)
    page = response.content.decode()
    assert response.status_code == 422
    for text in ("not a mail", "+86 10 8888 8888", "two\nlines"):
        assert text in page
    assert 'href="#f-email"' in page
    assert 'id="f-email-error"' in page


def test_a_form_creates_and_leads_to_the_record(visitor: Client) -> None:
    response = visitor.post("/o/account/new", {"name": "华为技术", "category": "company"}, headers=HTMX)
    made = Account.objects.get()
    assert response.headers["HX-Redirect"] == f"/o/account/{made.pk}"
    plain = visitor.post("/o/account/new", {"name": "Second", "category": "company"})
    assert plain.status_code == 303


def test_a_form_writes_only_what_the_person_changed(visitor: Client) -> None:
    deal = deals.make(1)[0]
    page = visitor.get(f"/o/opportunity/{deal}/edit").content.decode()
    assert 'name="version" value="1"' in page
    visitor.post(f"/o/opportunity/{deal}/cell/next_step", {"next_step": "Call"}, headers={"X-Guanxi": "1"})
    late = visitor.post(f"/o/opportunity/{deal}/edit", {"version": "1", "name": "Mine"})
    assert late.status_code == 422
    assert "Mine" in late.content.decode()


def test_lookups_offer_what_fits(visitor: Client) -> None:
    deals.make(3)
    found = visitor.get("/o/opportunity/choices/account", {"q": "客户 3-1"}).json()
    assert [choice["title"] for choice in found["choices"]] == ["客户 3-1"]
    assert found["create"] == "/o/account/new?quick=1"


def test_a_follow_up_is_written_on_the_record(visitor: Client) -> None:
    deal = deals.make(1)[0]
    empty = visitor.post(f"/o/opportunity/{deal}/compose/activity", {"sort": "call", "content": ""}, headers=HTMX)
    assert empty.status_code == 422
    data = {"sort": "call", "content": "He wants a second offer."}
    answer = visitor.post(f"/o/opportunity/{deal}/compose/activity", data, headers=HTMX)
    assert "He wants a second offer." in answer.content.decode()


def test_pages_that_do_not_exist_say_so_in_words(visitor: Client) -> None:
    for page in ("/o/nothing", "/o/account/999999", "/nowhere", "/o/account/1/act/dance"):
        response = visitor.get(page)
        assert response.status_code == 404, page
        assert "<h1>" in response.content.decode(), page
