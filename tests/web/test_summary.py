"""The summary of a list and the briefing: on the page and through the API, each figure leading to its records."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from guanxi.access.actor import actor_for
from guanxi.access.models import Role, RoleField, User
from guanxi.domains.customers.account import Account
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine import keys, write
from guanxi.engine.aggregates import upkeep
from guanxi.engine.job import Job
from guanxi.engine.models import SavedView
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.support import people
from tests.web import deals

pytestmark = pytest.mark.django_db
ACROSS = "/o/opportunity?layout=summary&by=stage&by=close_on:quarter&sum=amount"


def links(page: str) -> list[str]:
    """Where the figures of a summary lead."""
    table = page[page.index('<table class="sums') : page.index("<tfoot>")]
    return [unquote(one.replace("&amp;", "&")) for one in re.findall(r'href="([^"]+)"', table)]


def test_every_figure_leads_to_as_many_records_as_it_counts(visitor: Client) -> None:
    deals.make(40)
    page = visitor.get("/o/opportunity?layout=summary&by=close_on:quarter&sum=").content.decode()
    counts = [int(one) for one in re.findall(r"<span>(\d+)</span></a></td>", page)]
    assert sum(counts) == Opportunity.objects.count() == 40
    found = links(page)
    assert len(found) == len(counts) == 1
    assert "close_on>=2030-01" in found[0].replace("+", " ")
    listed = visitor.get(found[0], headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert ">40</span>" in listed


def test_two_fields_stand_across_each_other_with_totals(visitor: Client) -> None:
    deals.make(20)
    page = visitor.get(ACROSS).content.decode()
    assert 'class="sums across"' in page
    assert "Q1 2030" in page
    total = sum(Opportunity.objects.values_list("amount", flat=True)) // 100
    assert f"¥{total:,}" in page[page.index("<tfoot>") :]
    assert visitor.get(f"{ACROSS}&q=amount>=1000").status_code == 200


@pytest.mark.parametrize("address", [ACROSS, ACROSS.replace("close_on:quarter", "")])
def test_amounts_that_stand_below_each_other_all_have_decimals_or_none_has(visitor: Client, address: str) -> None:
    made = deals.make(20)
    assert set(re.findall(r"¥[\d,]+(\.\d+)?", visitor.get(address).content.decode())) == {""}
    with write.change(people.program(), "test") as door:
        door.update("opportunity", made[0], {"amount": 123_451})
    assert set(map(len, re.findall(r"¥[\d,]+(\.\d+)?", visitor.get(address).content.decode()))) == {len(".51")}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("by=name", "cannot be grouped by"),
        ("by=close_on:decade", "is no period"),
        ("by=stage&sum=name", "cannot be added up"),
        ("by=stage,owner,status,source", "at most 3 fields"),
        ("by=nothing", "has no field"),
    ],
)
def test_what_cannot_be_summed_up_is_said_in_words(visitor: Client, query: str, words: str) -> None:
    deals.make(2)
    answer = visitor.get(f"/o/opportunity?layout=summary&{query}")
    assert answer.status_code == 200
    assert words in answer.content.decode()
    told = visitor.get(f"/api/v1/opportunity/summary?{query}")
    assert told.status_code == 400
    assert words in told.json()["detail"]


def test_a_saved_view_keeps_its_summary(visitor: Client) -> None:
    deals.make(4)
    place = "/o/opportunity/save-view?layout=summary&by=owner,stage&sum=weighted"
    assert visitor.post(place, {"name": "Who has what"}).status_code == 303
    view = SavedView.objects.get(name="Who has what")
    assert (view.layout, view.by, view.summed) == ("summary", "owner,stage", "weighted")
    page = visitor.get(f"/o/opportunity?view={view.pk}").content.decode()
    assert "Weighted amount" in page[page.index('<table class="sums') :]


def test_the_api_gives_the_same_kept_and_live(visitor: Client) -> None:
    deals.make(30)
    place = "/api/v1/opportunity/summary?by=stage,close_on:month&sum=amount,weighted"
    first = visitor.get(place).json()
    assert not first["kept"]
    kind = snapshot().get("opportunity")
    for aggregate in kind.declaration.aggregates:
        upkeep.check(kind, aggregate)
    second, live = visitor.get(place).json(), visitor.get(f"{place}&live=true").json()
    assert (second.pop("kept"), live.pop("kept"), first.pop("kept")) == (True, False, False)
    assert first == second == live
    assert first["number"] == 30
    line = first["data"][0]
    assert line["values"]["close_on"] == "2030-01"
    assert line["labels"]["close_on"] == "Jan 2030"
    assert line["sums"]["amount"].endswith(".00")


def test_names_are_written_as_they_are_and_empty_groups_too(visitor: Client) -> None:
    deals.make(4)
    names = ['100% "sure" %s {}', "后端\\前端\n二", "", "O\u2028\U0001f600"]
    accounts = dict(zip(names, Account.objects.order_by("pk"), strict=False))
    for name, account in accounts.items():
        Account.objects.filter(pk=account.pk).update(name=name)
    answer = visitor.get("/api/v1/opportunity/summary?by=account,close_on:month,close_on:year&sum=amount").json()
    told = {line["labels"]["account"] for line in answer["data"]}
    assert {name for name in names[: len(accounts)] if name} <= told
    assert {(line["values"]["close_on"], line["labels"]["close_on"]) for line in answer["data"]} == {("2030", "2030")}
    assert sum(line["number"] for line in answer["data"]) == answer["number"] == 4
    assert f"{sum(Decimal(line['sums']['amount']) for line in answer['data'])}" == answer["sums"]["amount"]
    empty = visitor.get("/api/v1/opportunity/summary?by=account&sum=amount&filter=amount<0").json()
    assert (empty["data"], empty["number"], empty["sums"]) == ([], 0, {"amount": "0.00"})
    whole = visitor.get("/api/v1/opportunity/summary?sum=amount").json()
    assert whole["data"] == [{"values": {}, "labels": {}, "number": 4, "sums": whole["sums"]}]


def test_a_closed_field_is_neither_offered_nor_summed_up() -> None:
    deals.make(3)
    seller = people.person("seller", "salesperson")
    Opportunity.objects.update(owner=seller)
    for key, level in (("amount", "hidden"), ("source", "read")):
        RoleField.objects.create(
            role=Role.objects.get(key="salesperson"), object="opportunity", field=key, level=level,
            mask="all" if level == "read" else "none",
        )  # fmt: skip
    registry.bump("access")
    people.refreshed()
    client = Client()
    client.force_login(seller)
    page = client.get("/o/opportunity?layout=summary&by=stage").content.decode()
    assert "Stage" in page
    assert 'value="amount"' not in page
    assert 'value="source"' not in page
    for query in ("by=source", "by=stage&sum=amount", "by=stage&sum=weighted"):
        assert client.get(f"/api/v1/opportunity/summary?{query}").status_code == 400, query


def test_the_briefing_shows_eight_figures_of_what_one_may_see(visitor: Client) -> None:
    deals.make(6)
    page = visitor.get("/briefing").content.decode()
    assert page.count('class="number"') == 4
    assert page.count('class="tilebox"') == 4
    assert "6 Opportunities" in page
    people.person("nobody")
    client = Client()
    client.force_login(User.objects.get(username="nobody"))
    empty = client.get("/briefing")
    assert empty.status_code == 200
    assert 'class="number"' not in empty.content.decode()
    for whose in ("mine", "team", "all", "else"):
        assert visitor.get(f"/briefing?whose={whose}").status_code == 200


def test_administrators_see_and_compare_the_kept_sums(visitor: Client) -> None:
    assert "Not built yet" in visitor.get("/admin/sums").content.decode()
    assert visitor.post("/admin/sums", headers={"HX-Request": "true"}).status_code in (200, 204)
    assert Job.objects.filter(kind=upkeep.KIND).count() == 1
    data: list[dict[str, Any]] = visitor.get("/api/v1/kept-sums").json()["data"]
    assert [one["key"] for one in data] == ["stage", "closing_month", "closing", "closed"]
    seller = people.person("seller", "salesperson")
    _key, secret = keys.issue(actor_for(seller), "test")
    refused = Client().get("/api/v1/kept-sums", headers={"Authorization": f"Bearer {secret}"})
    assert refused.status_code == 403


def test_a_board_whose_scope_is_closed_still_counts_its_columns() -> None:
    deals.make(6)
    seller = people.person("seller", "salesperson")
    Opportunity.objects.update(owner=seller)
    role = Role.objects.get(key="salesperson")
    RoleField.objects.create(role=role, object="opportunity", field="pipeline", level="hidden", mask="none")
    registry.bump("access")
    people.refreshed()
    client = Client()
    client.force_login(seller)
    page = client.get("/o/opportunity?layout=board")
    assert page.status_code == 200
    assert sum(int(one) for one in re.findall(r'title="Records">(\d+)<', page.content.decode())) >= 6
