"""``guanxi import`` on real data: every row accounted for, twice the same, dates never guessed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from guanxi.access.models import Department, User
from guanxi.domains.catalog.models import Product
from guanxi.domains.customers.models import Account
from guanxi.domains.integration import dates
from guanxi.domains.integration.run import ImportOptions, import_folder
from guanxi.domains.integration.tabular import read_table
from guanxi.domains.integration.templates import compose, slug
from guanxi.domains.sales.models import Opportunity
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel.errors import Invalid
from tests.domains.pipelines import create

pytestmark = pytest.mark.django_db

_VOLATILE = {"created_at", "updated_at", "stage_entered_at", "id"}


@pytest.fixture
def folder(guanxi_data: Path) -> Path:
    return guanxi_data / "crm-opportunities"


def bring(folder: Path, **options: Any) -> Any:
    return import_folder(folder, options=ImportOptions(**options), progress=lambda text: None)


def shortened(folder: Path, target: Path, rows: int = 60) -> Path:
    """The same folder with only the first rows of the long file."""
    target.mkdir()
    for path in folder.glob("*.csv"):
        shutil.copyfile(path, target / path.name)
    lines = (folder / "sales_pipeline.csv").read_text(encoding="utf-8-sig").splitlines()
    (target / "sales_pipeline.csv").write_text("\n".join(lines[: rows + 1]) + "\n", encoding="utf-8")
    return target


def facts() -> list[dict[str, Any]]:
    """Every imported opportunity with what it points to by name."""
    named = ("account__name", "owner__name", "product__name", "stage__name_en", "pipeline__name_en")
    own = [f.attname for f in Opportunity._meta.concrete_fields if f.name not in _VOLATILE and not f.is_relation]
    return list(Opportunity.objects.order_by("external_id").values(*own, *named))


def test_the_whole_data_set_comes_in_twice_the_same(folder: Path) -> None:
    report = bring(folder)
    assert Opportunity.objects.count() == 8_800
    won = Opportunity.objects.filter(status="won")
    assert (won.count(), won.aggregate(sum=Sum("amount"))["sum"]) == (4_238, 10_005_534 * 100)
    assert Opportunity.objects.filter(status="lost").count() == 2_473
    assert Opportunity.objects.filter(account=None).count() == 1_425
    assert ("sales_pipeline.csv", "account", 1_425) in report.empty
    uses = {(use.column, use.value): (use.meaning, use.count) for use in report.aliases}
    assert uses["product", "GTXPro"] == ("GTX Pro", 1_480)
    assert uses["sector", "technolgy"] == ("technology", 12)
    assert (report.issues, report.rejected) == ([], 0)
    assert Product.objects.filter(name="GTXPro").count() == 0
    first = facts()
    entries = Entry.objects.count()
    assert ChangeSet.objects.count() == 1
    journaled = Entry.objects.filter(object="opportunity", verb="created", cause="import")
    assert journaled.count() == 8_800
    deal = Opportunity.objects.filter(status="won").earliest("id")
    assert journaled.get(record=deal.pk).changes["status"] == [None, "won"]

    again = bring(folder)
    assert again.changed == 0
    variant = bring(folder / "variant-excel-us-dates")
    assert variant.changed == 0
    assert facts() == first
    assert Entry.objects.count() == entries
    assert Opportunity.objects.exclude(version=1).count() == 0


def test_both_variants_give_the_same_records(folder: Path, tmp_path: Path) -> None:
    """Each into an empty database: the first import is rolled back before the second."""
    with transaction.atomic():
        bring(shortened(folder, tmp_path / "iso", rows=600))
        expected = facts()
        transaction.set_rollback(True)
    assert Opportunity.objects.count() == 0
    bring(shortened(folder / "variant-excel-us-dates", tmp_path / "us", rows=600))
    assert len(expected) == 600
    assert facts() == expected


def test_people_teams_and_parents(folder: Path, tmp_path: Path) -> None:
    bring(shortened(folder, tmp_path / "short"))
    agent = User.objects.get(name="Mei-Mei Johns")
    assert (agent.username, agent.manager.name, agent.department.name) == (
        "mei-mei.johns",
        "Melvin Marxen",
        "Melvin Marxen team",
    )
    assert agent.department.parent.name == "Central"
    assert not agent.check_password("")
    assert Department.objects.get(name="Melvin Marxen team").head.name == "Melvin Marxen"
    bluth = Account.objects.get(name="Bluth Company")
    assert (bluth.parent.name, bluth.industry, bluth.country) == ("Acme Corporation", "technology", "US")
    assert (bluth.annual_revenue, bluth.currency, bluth.founded) == (1_242_320_000 * 100, "USD", 1993)
    assert set(Account.objects.filter(name__in=["Bioholding", "Hottechi"]).values_list("country", flat=True)) == {
        "PH",
        "KR",
    }
    first = Opportunity.objects.get(external_id="1C1I7A6R")
    assert (first.opened_on, first.closed_on, first.amount) == (date(2016, 10, 20), date(2017, 3, 1), 105_400)


def test_existing_records_of_the_same_name_are_used(folder: Path, tmp_path: Path) -> None:
    product = create("product", name="GTX Pro", price=1)
    account = create("account", name="Acme Corporation", industry="retail")
    report = bring(shortened(folder, tmp_path / "short"))
    product.refresh_from_db()
    account.refresh_from_db()
    assert (product.price, account.industry) == (1, "retail")
    assert {step.object: step.used for step in report.steps if step.used} == {"product": 1, "account": 1}
    assert Opportunity.objects.filter(product=product).exists()
    assert Account.objects.get(name="Bluth Company").parent_id == account.pk


def test_what_is_not_understood_is_said_cell_by_cell(folder: Path, tmp_path: Path) -> None:
    short = shortened(folder, tmp_path / "short", rows=4)
    with (short / "sales_pipeline.csv").open("a", encoding="utf-8") as file:
        file.write("BAD1,Nobody Known,GTXPro,Cancity,Won,2017-01-01,2017-02-01,10\n")
        file.write("BAD2,Moses Frase,Unknown Thing,Nowhere Inc,Won,2017-01-01,2017-02-30,ten\n")
        file.write("BAD3,Moses Frase,GTXPro,Cancity,Dreaming,2017-01-01,,,surplus\n")
        file.write("1C1I7A6R,Moses Frase,GTXPro,Cancity,Won,2017-01-01,2017-02-01,10\n")
    report = bring(short, report=tmp_path / "report.json", rejected=tmp_path / "rejected")
    found = {(issue.row, issue.column, issue.action) for issue in report.issues}
    kept, gone = "Field left empty, row kept.", "Row rejected."
    assert found >= {
        (6, "sales_agent", gone),
        (7, "product", kept),
        (7, "account", kept),
        (7, "close_date", kept),
        (7, "close_value", kept),
        (8, "deal_stage", gone),
        (9, "", gone),
    }
    assert report.rejected == 3
    assert Opportunity.objects.count() == 5
    lines = (tmp_path / "rejected" / "sales_pipeline.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["opportunity_id", "BAD1", "BAD3", "1C1I7A6R"]
    assert "Dreaming" in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_a_dry_run_keeps_nothing(folder: Path, tmp_path: Path) -> None:
    report = bring(shortened(folder, tmp_path / "short"), dry_run=True)
    assert report.changed > 100
    assert (Opportunity.objects.count(), Entry.objects.count()) == (0, 0)


def test_a_folder_without_a_plan_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="crm-opportunities"):
        bring(tmp_path)


def test_a_file_in_another_encoding_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name\n客户\n".encode("gb18030"))
    with pytest.raises(Invalid, match="UTF-8"):
        read_table(path)


def test_tables_with_mark_semicolons_and_lines_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name;note\nA;"one\ntwo"\nB\n', encoding="utf-8-sig")
    table = read_table(path)
    assert table.columns == ("name", "note")
    assert [(line.number, line.cells["note"], line.short) for line in table.lines] == [
        (2, "one\ntwo", False),
        (4, "", True),
    ]


def test_the_order_of_day_and_month_is_found_or_asked_for() -> None:
    assert dates.detect(["2016-10-20"], "x") == "ymd"
    assert dates.detect(["3/1/2017", "10/20/2016"], "x") == "mdy"
    assert dates.detect(["3/1/2017", "20/10/2016"], "x") == "dmy"
    assert dates.detect(["3/1/2017"], "x", "dmy") == "dmy"
    with pytest.raises(Invalid, match="--date-format"):
        dates.detect(["3/1/2017"], "x")
    with pytest.raises(Invalid, match="two different ways"):
        dates.detect(["13/1/2017", "1/13/2017"], "x")
    assert dates.parse("3/1/2017", "mdy") == date(2017, 3, 1)


def test_templates_and_user_names() -> None:
    assert compose(("{a} · {b}", "{b} · {c}"), {"a": "", "b": "B", "c": "C"}) == "B · C"
    assert slug("José Müller-Lüd") == "jose.muller-lud"
