"""Real files through the wizard's own path: nothing lost, nothing guessed, the same twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from guanxi.access.actor import Actor
from guanxi.domains.customers.models import Account
from guanxi.domains.sales.models import Opportunity
from guanxi.engine.importing.tables import Import
from guanxi.journal.models import ChangeSet, Entry
from tests.domains.pipelines import create
from tests.engine.importing.bringing import brought
from tests.support import people

pytestmark = pytest.mark.django_db
REASONS = {"Lost": "price", "Won": "", "Engaging": "", "Prospecting": ""}
COUNTS = ("created", "updated", "unchanged", "rejected")


def counts(found: Import) -> tuple[int, ...]:
    return tuple(found.state[key] for key in COUNTS)


def bring_pipeline(actor: Actor, folder: Path) -> list[Import]:
    """Accounts, products, people and opportunities of one variant."""
    accounts = brought(
        actor, "account", folder / "accounts.csv",
        {
            "account": "name",
            "sector": {"field": "industry", "aliases": {"technolgy": "technology"}},
            "year_established": "founded",
            "revenue": {"field": "annual_revenue", "scale": "1000000"},
            "office_location": {"field": "country", "aliases": {"Philipines": "Philippines", "Korea": "South Korea"}},
            "subsidiary_of": "parent",
        },
        constants={"currency": "USD", "source": "import"}, mode="upsert", key="name",
    )  # fmt: skip
    products = brought(
        actor, "product", folder / "products.csv", {"product": "name", "sales_price": "price"},
        constants={"currency": "USD"}, mode="upsert", key="name",
    )  # fmt: skip
    deals = brought(
        actor, "opportunity", folder / "sales_pipeline.csv",
        {
            "opportunity_id": "external_id", "sales_agent": "owner", "account": "account", "deal_stage": "stage",
            "engage_date": "opened_on", "close_date": "closed_on", "close_value": "amount",
            "product": {"field": "product", "aliases": {"GTXPro": "GTX Pro"}},
        },
        also=({"column": "deal_stage", "field": "lost_reason", "aliases": REASONS},),
        constants={"name": "Deal", "currency": "USD"}, mode="upsert", key="external_id",
    )  # fmt: skip
    return [accounts, products, deals]


def stages() -> None:
    """A pipeline with the stages the file names."""
    pipeline = create("pipeline", name="导入商机", name_en="Imported", position=9, is_default=True).pk
    rows = (("挖掘", "Prospecting", 10, "open"), ("接洽", "Engaging", 40, "open"), ("赢单", "Won", 100, "won"))
    for position, (name, english, probability, category) in enumerate((*rows, ("输单", "Lost", 0, "lost")), 1):
        create(
            "stage", pipeline=pipeline, name=name, name_en=english, position=position,
            probability=Decimal(probability), category=category, forecast_category="pipeline",
        )  # fmt: skip


def agents(folder: Path) -> None:
    for line in (folder / "sales_teams.csv").read_text(encoding="utf-8-sig").splitlines()[1:]:
        name = line.split(",")[0]
        create("user", name=name, username=name.replace(" ", ".").lower())


def test_both_variants_of_the_opportunities_give_the_same_records(guanxi_data: Path) -> None:
    actor = people.program()
    folder = guanxi_data / "crm-opportunities"
    stages()
    agents(folder)
    first = bring_pipeline(actor, folder)
    assert [counts(one) for one in first] == [(85, 0, 0, 0), (7, 0, 0, 0), (8800, 0, 0, 0)]
    assert Opportunity.objects.count() == 8_800
    won = Opportunity.objects.filter(status="won")
    assert (won.count(), won.aggregate(sum=Sum("amount"))["sum"]) == (4_238, 10_005_534 * 100)
    assert Opportunity.objects.filter(status="lost").count() == 2_473
    assert Opportunity.objects.filter(account=None).count() == 1_425
    bluth = Account.objects.get(name="Bluth Company")
    assert (bluth.parent.name, bluth.industry, bluth.country) == ("Acme Corporation", "technology", "US")
    assert bluth.annual_revenue == 1_242_320_000 * 100
    assert Account.objects.exclude(parent=None).count() == 15
    assert ChangeSet.objects.filter(cause="import").count() == 3
    entries = Entry.objects.count()

    again = bring_pipeline(actor, folder / "variant-excel-us-dates")
    assert [counts(one) for one in again] == [(0, 0, 85, 0), (0, 0, 7, 0), (0, 0, 8800, 0)]
    assert Entry.objects.count() == entries
    assert again[2].checked["formats"]["5"] == "mdy"
