"""What an export writes comes back unchanged: every object, every kind of file, every hostile text."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from guanxi.domains.customers.models import Account, Contact
from guanxi.engine.export.order import FORMATS, Order
from guanxi.engine.export.run import start
from guanxi.engine.importing.fields import importable
from guanxi.engine.importing.tables import Import
from guanxi.journal.models import Entry
from guanxi.kernel.text import UNSTORABLE
from guanxi.schema.registry import snapshot
from tests.engine.importing.bringing import brought, carried_out, checked, mapped, received
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
OBJECTS = [
    *("account", "contact", "tag", "affiliation", "product", "product_category", "lead", "opportunity", "competitor"),
    *("opportunity_line", "opportunity_role", "opportunity_competitor", "activity", "task", "pipeline", "stage"),
    *("department", "user", "role", "sharing_rule", "webhook"),
]


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def exported(key: str, form: str, style: str = "data") -> bytes:
    """An export of everything, as data."""
    order = Order(key, format=form, headings="keys" if style == "data" else "labels", form=style)
    return b"".join(start(people.program(), order).chunks)


def test_every_object_that_can_be_imported_is_tried() -> None:
    program = people.program()
    known = {kind.key for kind in snapshot() if importable(program, kind)}
    assert set(OBJECTS) <= known
    assert known - set(OBJECTS) <= {"identity_provider", "webhook_health", "retention_policy"}


@pytest.mark.parametrize("form", list(FORMATS))
@pytest.mark.parametrize("key", OBJECTS)
def test_an_export_imported_again_changes_nothing(key: str, form: str) -> None:
    program = people.program()
    kind = snapshot().get(key)
    samples = Samples()
    for _ in range(2):
        samples.create(key, **samples.values(kind))
    content = exported(key, form)
    entries = Entry.objects.count()
    found = received(program, key, content, f"export.{form}")
    assert (found.mapping["mode"], found.mapping["key"]) == ("upsert", "id")
    finding = checked(program, found)
    assert finding["problems"] == [] and finding["questions"] == []
    done = carried_out(program, found)
    counts = [done.state[name] for name in ("created", "updated", "rejected")]
    assert counts == [0, 0, 0] and done.state["unchanged"] >= 2
    assert Entry.objects.count() == entries
    assert done.change_set is None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("key", ["account", "contact", "opportunity", "lead", "product"])
def test_an_export_as_people_read_it_changes_nothing_either(key: str, form: str) -> None:
    program = people.program()
    samples = Samples()
    for number in range(2):
        values = samples.values(snapshot().get(key))
        samples.create(key, **values | {snapshot().get(key).title.key: f"Title {number}"})
    entries = Entry.objects.count()
    done = brought(program, key, exported(key, form, "shown"))
    assert [done.state[name] for name in ("created", "updated", "rejected")] == [0, 0, 0]
    assert Entry.objects.count() == entries


def hostile(folder: Path) -> list[str]:
    """Every hostile text that a cell can hold and a database can store."""
    texts: set[str] = set(json.loads((folder / "blns" / "blns.json").read_text(encoding="utf-8")))
    for path in sorted((folder / "payloads").glob("*.txt")):
        texts.update(path.read_bytes().decode("utf-8", "replace").split("\n"))
    for path in sorted((folder / "svg").glob("*")):
        if path.is_file():
            texts.add(path.read_text(encoding="utf-8", errors="replace"))
    cleaned = {text.replace("\r\n", "\n").strip() for text in texts if not UNSTORABLE.search(text)}
    return sorted(text for text in cleaned if text and len(text) < 30_000)


@pytest.mark.parametrize("form", list(FORMATS))
def test_hostile_texts_come_back_unchanged(guanxi_data: Path, form: str) -> None:
    program = people.program()
    texts = hostile(guanxi_data / "hostile-strings")
    assert len(texts) > 2_000
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["external_id", "name", "notes"], *([f"n{n}", "x", t] for n, t in enumerate(texts))])
    raw = received(program, "contact", buffer.getvalue().encode("utf-8"))
    done = carried_out(program, mapped(program, raw, unquote=False, empty=[]))
    assert done.state["created"] == len(texts)
    held = dict(Contact.objects.values_list("external_id", "notes"))
    assert [held[f"n{number}"] for number in range(len(texts))] == texts
    content = exported("contact", form)
    again = brought(program, "contact", content)
    assert (again.state["unchanged"], again.state["updated"], again.state["rejected"]) == (len(texts), 0, 0)
    if form == "csv":
        # Into empty records, too: what is read from the file is the text itself.
        Contact.objects.update(notes="")
        filled = brought(program, "contact", content)
        assert filled.state["updated"] == len(texts)
        assert dict(Contact.objects.values_list("external_id", "notes")) == held


def test_telephone_numbers_are_kept_in_one_form(guanxi_data: Path) -> None:
    program = people.program()
    path = guanxi_data / "phone-numbers" / "example_numbers.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    done = brought(
        program,
        "contact",
        path,
        {"international": "phone", "e164": "external_id", "region": "name"},
        mode="create",
        key="",
    )
    counts = (done.state["created"], done.state["rejected"])
    held = dict(Contact.objects.values_list("external_id", "phone"))
    wrong = [
        row["e164"] for row in rows if row["valid"] == "valid" and held.get(row["e164"]) not in (row["e164"], None)
    ]
    assert (sum(counts), len(rows)) == (1_131, 1_131)
    assert wrong == []
    assert counts[1] == 0


def test_business_identifiers_are_kept_as_they_are_written(guanxi_data: Path) -> None:
    program = people.program()
    path = guanxi_data / "business-identifiers" / "numbers.csv"
    rows = [
        row for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        if row["number"].strip() and len(row["number"].strip()) <= 40
    ]  # fmt: skip
    done = brought(
        program,
        "account",
        path,
        {"kind": "name", "number": "tax_number", "normalised": "", "reason": ""},
        mode="create",
    )
    accounts = Account.objects.order_by("pk").values_list("tax_number", flat=True)
    assert [text for text in accounts if text] == [row["number"].strip() for row in rows]
    assert done.state["created"] + done.state["rejected"] == 9_162
    entries = Entry.objects.count()
    again = brought(program, "account", exported("account", "csv"))
    assert (again.state["unchanged"], Entry.objects.count()) == (done.state["created"], entries)


def test_customers_and_products_without_headings(guanxi_data: Path) -> None:
    program = people.program()
    folder = guanxi_data / "orders-classicmodels"
    customers: Import = brought(
        program, "account", folder / "Customers.txt",
        {"A": "external_id", "B": "name", "E": "phone", "H": "city", "F": "billing_address"},
        mode="upsert", key="external_id",
    )  # fmt: skip
    assert (customers.mapping["empty"], customers.state["created"], customers.state["rejected"]) == (["NULL"], 122, 0)
    assert not Account.objects.filter(billing_address__contains="NULL").exists()
    products = brought(
        program, "product", folder / "Products.txt",
        {"A": "code", "B": "name", "C": "series", "H": "cost", "I": "price"}, mode="create", key="code",
    )  # fmt: skip
    assert (products.state["created"], products.state["rejected"]) == (110, 0)
