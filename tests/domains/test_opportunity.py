"""The rules of the opportunity: stage, status, probability, closing and history."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.domains.sales.models import StageChange
from guanxi.engine import write
from guanxi.kernel import clock
from guanxi.kernel.errors import Invalid, Refused
from tests.domains.pipelines import Sales, act, change, create, opportunity, standard
from tests.support import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Sales:
    return standard()


def test_a_new_opportunity_starts_at_the_first_stage_of_the_default_pipeline(sales: Sales) -> None:
    account = create("account", name="Northwind", currency="EUR")
    made = opportunity(create("opportunity", name="Deal", account=account.pk, amount=100_000).pk)
    assert (made.pipeline_id, made.stage_id) == (sales.pipeline, sales.stages["Contacted"])
    assert (made.status, made.probability, made.weighted) == ("open", Decimal(10), 10_000)
    assert (made.currency, made.forecast_category) == ("EUR", "pipeline")
    assert made.opened_on == clock.today()
    assert made.number.startswith("OPP-")


def test_numbers_of_several_years_are_drawn_in_one_order(sales: Sales) -> None:
    """Or else two that make deals of the same years at once wait for each other's counters for ever."""
    made = [{"name": "Deal", "created_at": datetime(year, 5, 1, tzinfo=UTC)} for year in (2025, 2023, 2026, 2024)]
    with CaptureQueriesContext(connection) as asked, write.change(people.program(), "test") as door:
        deals = door.create_many("opportunity", made)
    drawn = [re.search(r"opportunity\.number\.(\d+)", one["sql"]) for one in asked.captured_queries]
    assert list(dict.fromkeys(int(one[1]) for one in drawn if one)) == [2023, 2024, 2025, 2026]
    assert [opportunity(deal.pk).number for deal in deals] == [f"OPP-{year}-00001" for year in (2025, 2023, 2026, 2024)]


def test_without_any_pipeline_the_refusal_says_what_to_do() -> None:
    with pytest.raises(Invalid) as caught:
        create("opportunity", name="Deal")
    assert "pipeline" in caught.value.fields


def test_entering_a_stage_asks_for_each_missing_field(sales: Sales) -> None:
    made = create("opportunity", name="Deal")
    with pytest.raises(Invalid) as caught:
        change("opportunity", made.pk, stage=sales.stages["Proposal"])
    assert set(caught.value.fields) == {"amount", "close_on"}
    assert opportunity(made.pk).stage_id == sales.stages["Contacted"]
    change("opportunity", made.pk, stage=sales.stages["Proposal"], amount=5_000, close_on=clock.today())
    assert opportunity(made.pk).probability == 45


def test_a_stage_of_another_pipeline_is_refused(sales: Sales) -> None:
    other = standard("Other", default=False)
    made = create("opportunity", name="Deal")
    with pytest.raises(Invalid) as caught:
        change("opportunity", made.pk, stage=other.stages["Contacted"])
    assert set(caught.value.fields) == {"stage"}
    change("opportunity", made.pk, pipeline=other.pipeline)
    assert opportunity(made.pk).stage_id == other.stages["Contacted"]


def test_a_probability_set_by_hand_stays_until_the_deal_is_closed(sales: Sales) -> None:
    made = create("opportunity", name="Deal", amount=1_000, probability=Decimal(33))
    change("opportunity", made.pk, stage=sales.stages["Needs confirmed"])
    assert opportunity(made.pk).probability == 33
    change("opportunity", made.pk, probability=None)
    assert opportunity(made.pk).probability == 25
    act("opportunity", made.pk, "win", amount=1_000, closed_on=clock.today())
    assert opportunity(made.pk).probability == 100


def test_a_forecast_category_set_by_hand_is_never_overwritten_by_the_stage(sales: Sales) -> None:
    made = create("opportunity", name="Deal", amount=1_000, close_on=clock.today())
    change("opportunity", made.pk, forecast_category="commit")
    change("opportunity", made.pk, stage=sales.stages["Proposal"])
    assert opportunity(made.pk).forecast_category == "commit"
    change("opportunity", made.pk, forecast_category=None)
    assert opportunity(made.pk).forecast_category == "best_case"


def test_win_and_reopen(sales: Sales) -> None:
    made = create("opportunity", name="Deal", amount=1_000, stage=sales.stages["Needs confirmed"])
    act("opportunity", made.pk, "win", amount=2_000, closed_on=clock.today())
    won = opportunity(made.pk)
    assert (won.status, won.stage_id, won.weighted) == ("won", sales.stages["Won"], 2_000)
    assert (won.closed_on, won.forecast_category) == (clock.today(), "closed")
    with pytest.raises(Refused):
        act("opportunity", made.pk, "lose", lost_reason="price")
    act("opportunity", made.pk, "reopen")
    again = opportunity(made.pk)
    assert (again.status, again.stage_id, again.closed_on) == ("open", sales.stages["Needs confirmed"], None)


def test_a_lost_deal_needs_a_reason(sales: Sales) -> None:
    made = create("opportunity", name="Deal", amount=1_000)
    with pytest.raises(Invalid) as caught:
        change("opportunity", made.pk, stage=sales.stages["Lost"])
    assert set(caught.value.fields) == {"lost_reason"}
    rival = create("competitor", name="Rival")
    act("opportunity", made.pk, "lose", lost_reason="competitor", lost_to=rival.pk)
    lost = opportunity(made.pk)
    assert (lost.status, lost.lost_reason, lost.weighted) == ("lost", "competitor", 0)
    change("opportunity", made.pk, stage=sales.stages["Contacted"])
    assert opportunity(made.pk).lost_reason == ""


def test_void_counts_as_neither_won_nor_lost(sales: Sales) -> None:
    made = create("opportunity", name="Deal", amount=1_000)
    act("opportunity", made.pk, "void", lost_note="Twice")
    void = opportunity(made.pk)
    assert (void.status, void.stage_id, void.weighted) == ("void", sales.stages["Void"], 0)
    change("opportunity", made.pk, name="Renamed")
    assert opportunity(made.pk).status == "void"


def test_stage_history_follows_every_move(sales: Sales) -> None:
    start = clock.now() - timedelta(days=10)
    with clock.frozen(start):
        made = create("opportunity", name="Deal", amount=1_000)
    with clock.frozen(start + timedelta(days=3)):
        change("opportunity", made.pk, stage=sales.stages["Needs confirmed"])
    with clock.frozen(start + timedelta(days=5)):
        change("opportunity", made.pk, name="No move")
        act("opportunity", made.pk, "win", amount=1_000, closed_on=clock.today())
    rows = StageChange.objects.filter(opportunity=made.pk).order_by("entered_at")
    names = {pk: name for name, pk in sales.stages.items()}
    found = [(row.from_stage_id and names[row.from_stage_id], names[row.to_stage_id], row.seconds) for row in rows]
    day = 86_400
    assert found == [
        (None, "Contacted", 3 * day),
        ("Contacted", "Needs confirmed", 2 * day),
        ("Needs confirmed", "Won", None),
    ]


def test_records_of_the_past_come_in_as_they_are(sales: Sales) -> None:
    values = {"stage": sales.stages["Won"], "opened_on": date(2016, 10, 20), "closed_on": date(2017, 3, 1)}
    made = opportunity(create("opportunity", name="Old", amount=105_400, **values).pk)
    assert (made.status, made.closed_on) == ("won", date(2017, 3, 1))
    assert made.stage_entered_at.date() == date(2017, 3, 1)
    assert StageChange.objects.get(opportunity=made.pk).entered_at == made.stage_entered_at
    with pytest.raises(Invalid) as caught:
        change("opportunity", made.pk, closed_on=date(2016, 1, 1))
    assert set(caught.value.fields) == {"closed_on"}


def test_a_line_takes_list_price_and_currency(sales: Sales) -> None:
    product = create("product", name="GC100", price=320_000, currency="CNY")
    deal = create("opportunity", name="Deal", currency="CNY")
    line = create(
        "opportunity_line", opportunity=deal.pk, product=product.pk, quantity=Decimal(3), discount=Decimal(10)
    )
    line.refresh_from_db()
    assert (line.price, line.currency, line.amount) == (320_000, "CNY", 864_000)
