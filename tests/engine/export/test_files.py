"""The three kinds of file: what they hold, what they leave out, and that they can be read back."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl.utils.escape import unescape

from guanxi.access.actor import Actor
from guanxi.access.models import AuditEvent, Role, RoleAction, RoleField
from guanxi.engine import write
from guanxi.engine.export.order import Order
from guanxi.engine.export.run import start
from guanxi.engine.export.safety import restore
from guanxi.engine.parse import parse_values
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid, NotFound, QueryError, Refused
from guanxi.kernel.text import UNSTORABLE
from guanxi.schema import registry
from tests.engine.export.test_safety import hostile
from tests.support import dump, people
from tests.support.samples import Samples
from tests.web import deals

pytestmark = pytest.mark.django_db


def content(actor: Actor, order: Order) -> bytes:
    """The whole file."""
    with translation.override(actor.language):
        return b"".join(start(actor, order).chunks)


def lines(actor: Actor, order: Order) -> list[dict[str, str]]:
    """The rows of a CSV file by heading."""
    text = content(actor, order).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet(actor: Actor, order: Order) -> Any:
    """The first sheet of an XLSX file."""
    return openpyxl.load_workbook(io.BytesIO(content(actor, order))).active


@pytest.fixture
def admin() -> Actor:
    """An administrator who reads English."""
    return people.actor(people.person("lead", administrator=True))


def rule(user: Any, field: str, level: str, mask: str = "none") -> Actor:
    """The person with one more field rule on accounts in every role."""
    for role in user.roles.all():
        RoleField.objects.create(role=role, object="account", field=field, level=level, mask=mask)
    registry.bump("access")
    return people.actor(user)


def test_csv_is_utf8_with_a_mark_crlf_and_quotes(admin: Actor) -> None:
    samples = Samples()
    made = samples.create("account", name='A "quoted", name', description="1 Road\nTown", owner=admin.user_id)
    raw = content(admin, Order("account", columns=("name", "description"), headings="keys"))
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig") == f'id,name,description\r\n{made.pk},"A ""quoted"", name","1 Road\nTown"\r\n'


def test_headings_and_values_follow_the_language_or_are_keys(admin: Actor) -> None:
    Samples().create("account", name="华为", level="a", owner=admin.user_id)
    kind = registry.get("account")
    order = Order("account", columns=("name", "level", "owner"))
    for language in ("en", "zh-hans"):
        actor = people.actor(_speaks("lead", language))
        row = lines(actor, order)[0]
        assert list(row) == ["Id", *[kind.fields[key].label.text(language) for key in order.columns]]
        option = kind.fields["level"].spec.option("a")
        assert option is not None
        assert list(row.values())[1:] == ["华为", option.label.text(language), "Person lead"]
    keyed = lines(admin, Order("account", columns=order.columns, headings="keys", form="data"))[0]
    assert list(keyed) == ["id", "name", "level", "owner"]
    assert list(keyed.values())[1:] == ["华为", "a", str(admin.user_id)]


def _speaks(username: str, language: str) -> Any:
    from guanxi.access.models import User

    user = User.objects.get(username=username)
    user.preferences = {"language": language}
    user.save()
    return user


def test_all_columns_hold_the_external_id_and_never_an_encrypted_field(admin: Actor) -> None:
    Samples().create("account", external_id="ERP-1", owner=admin.user_id)
    row = lines(admin, Order("account", headings="keys", form="data"))[0]
    assert row["external_id"] == "ERP-1"
    fields = registry.get("account").fields.values()
    assert set(row) == {"id", "external_id"} | {f.key for f in fields if f.shown and f.kind.name != "encrypted"}


def test_xlsx_cells_have_types_a_frozen_heading_and_widths(admin: Actor) -> None:
    deals.make(3)
    order = Order("opportunity", "xlsx", sort="amount", columns=("name", "amount", "close_on", "created_at", "owner"))
    found = sheet(admin, order)
    assert found.freeze_panes == "B2"
    assert found["A1"].font.b
    cells = {cell.value: found.cell(2, cell.column) for cell in found[1]}
    fields = registry.get("opportunity").fields
    amount, close = cells[str(fields["amount"].label)], cells[str(fields["close_on"].label)]
    assert (amount.value, amount.data_type, amount.number_format) == (100, "n", "#,##0.00")
    assert close.value == datetime(2030, 1, 1) and close.is_date
    assert isinstance(cells[str(fields["created_at"].label)].value, datetime)
    assert cells["Id"].data_type == "n"
    assert cells[str(fields["owner"].label)].data_type in ("s", "inlineStr")
    assert found.column_dimensions["B"].width >= 20


def test_numbers_that_a_spreadsheet_would_round_and_old_days_go_as_text(admin: Actor) -> None:
    kind = registry.get("opportunity")
    deal = deals.make(1)[0]
    with write.change(people.program(), "test") as door:
        door.update("opportunity", deal, {"amount": 10**15 - 1, "close_on": date(1850, 5, 1)})
    order = Order("opportunity", "xlsx", columns=("amount", "close_on"), form="data")
    _id, amount, close = next(sheet(admin, order).iter_rows(min_row=2, values_only=True))
    assert (amount, close) == (9_999_999_999_999.99, "1850-05-01")
    values = parse_values(kind, {"amount": amount, "close_on": close})
    assert values == {"amount": 10**15 - 1, "close_on": date(1850, 5, 1)}


def test_a_text_longer_than_a_cell_is_refused_as_data_and_cut_as_shown(admin: Actor) -> None:
    Samples().create("account", description="长" * 40_000, owner=admin.user_id)
    before = AuditEvent.objects.count()
    with pytest.raises(Invalid, match="CSV"):
        start(admin, Order("account", "xlsx", columns=("description",), form="data"))
    assert AuditEvent.objects.count() == before
    cut = sheet(admin, Order("account", "xlsx", columns=("description",)))["B2"].value
    assert len(cut) == 32_767 and cut.endswith("…")
    assert len(lines(admin, Order("account", columns=("description",)))[0].popitem()[1]) == 40_000


def test_a_full_sheet_is_followed_by_another(admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanxi.engine.export.xlsxfile.SHEET_ROWS", 3)
    ids = deals.make(5)
    book = openpyxl.load_workbook(io.BytesIO(content(admin, Order("opportunity", "xlsx", columns=("name",)))))
    tables = [list(one.iter_rows(values_only=True)) for one in book]
    assert [len(table) for table in tables] == [3, 3, 2]
    assert {table[0] for table in tables} == {("Id", str(registry.get("opportunity").fields["name"].label))}
    assert sorted(row[0] for table in tables for row in table[1:]) == sorted(ids)


def test_json_lines_are_the_rows_of_the_api(admin: Actor) -> None:
    from django.test import Client

    deals.make(3)
    client = Client()
    client.login(username="lead", password="lead")
    listed = client.get("/api/v1/opportunity", {"sort": "amount"}).json()["data"]
    rows = [json.loads(line) for line in content(admin, Order("opportunity", "jsonl", sort="amount")).splitlines()]
    assert len(rows) == 3
    for row, api in zip(rows, listed, strict=True):
        assert row.items() <= api.items()
    assert {"id", "version", "title", "amount", "stage", "external_id"} <= set(rows[0])


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_data_form_read_back_gives_the_same_values(admin: Actor, format: str) -> None:
    """What an export says as data, the parser of forms, API and imports understands as the values it came from."""
    samples = Samples()
    for key in ("account", "contact", "lead", "opportunity", "product", "task", "activity"):
        kind = registry.get(key)
        with write.change(people.program(), "test") as door:
            record = door.create(
                key, samples.values(kind) | {"owner": admin.user_id} if kind.owned else samples.values(kind)
            )
        order = Order(key, format, ids=(record.pk,), headings="keys", form="data")
        if format == "csv":
            row: dict[str, Any] = {name: restore(text) for name, text in lines(admin, order)[0].items()}
        else:
            top, values = sheet(admin, order).iter_rows(values_only=True)
            row = dict(zip(top, values, strict=True))
        raw = {name: value for name, value in row.items() if name in kind.fields and kind.fields[name].writable}
        stored = kind.model._default_manager.get(pk=record.pk)
        for name, value in parse_values(kind, raw).items():
            if not kind.fields[name].virtual:
                assert value == kind.fields[name].read(stored), (key, name)


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
def test_hostile_strings_come_back_and_no_cell_can_be_executed(admin: Actor, guanxi_data: Path, format: str) -> None:
    texts = [text for text in dict.fromkeys(t.strip() for t in hostile(guanxi_data)) if 0 < len(text) <= 5000]
    texts = [text for text in texts if not UNSTORABLE.search(text)]
    assert len(texts) > 400
    with write.change(people.program(), "test") as door:
        rows = [{"name": f"N{i}", "description": text, "owner": admin.user_id} for i, text in enumerate(texts)]
        made: list[Any] = list(door.create_many("account", rows))
    stored = {record.pk: record.description for record in made}
    order = Order("account", format, columns=("description",), headings="keys")
    if format == "csv":
        cells = {int(row["id"]): row["description"] for row in lines(admin, order)}
        assert [c for c in cells.values() if c.lstrip().startswith(tuple("=+-@＝＋－＠\t\r"))] == []
        found = {pk: restore(text) for pk, text in cells.items()}
    elif format == "xlsx":
        table = list(sheet(admin, order).iter_rows(min_row=2))
        assert {cell.data_type for row in table for cell in row[1:]} <= {"s", "inlineStr"}
        assert all(cell.hyperlink is None for row in table for cell in row)
        found = {row[0].value: unescape(row[1].value) for row in table}
    else:
        found = {row["id"]: row["description"] for row in map(json.loads, content(admin, order).splitlines())}
    # XML has one line end only: what a cell says of CR is escaped and comes back too.
    assert {pk for pk in stored if found[pk] != stored[pk]} == set()


def test_a_file_holds_only_what_the_person_may_see() -> None:
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    own = samples.create("account", name="Open Orchard", owner=mine.pk, phone="+8613800138000")
    secret = samples.create("account", name="Hidden Harbour", owner=other.pk)
    actor = people.actor(mine)
    for order in (Order("account"), Order("account", ids=(own.pk, secret.pk)), Order("account", query="Harbour")):
        for format in ("csv", "jsonl"):
            raw = content(actor, Order(order.object, format, order.query, ids=order.ids)).decode()
            assert "Hidden Harbour" not in raw and str(secret.pk) not in raw.split("\n", 1)[0].split(",")
    assert len(lines(actor, Order("account", ids=(own.pk, secret.pk)))) == 1
    hidden = rule(mine, "phone", "hidden")
    assert "138" not in content(hidden, Order("account", columns=("name", "phone"))).decode()
    assert "phone" not in lines(hidden, Order("account", headings="keys"))[0]
    with pytest.raises(QueryError):
        start(hidden, Order("account", query="phone:138"))
    with pytest.raises(QueryError):
        start(hidden, Order("account", sort="phone"))


@pytest.mark.parametrize("mask", ["list", "all"])
def test_masked_fields_are_masked_as_in_lists(mask: str) -> None:
    mine = people.person("mine", "salesperson")
    Samples().create("account", owner=mine.pk, phone="+8613800138000")
    actor = rule(mine, "phone", "read", mask)
    masked = "+86****8000"
    for form in ("shown", "data"):
        assert restore(lines(actor, Order("account", headings="keys", form=form))[0]["phone"]) == masked
        found = sheet(actor, Order("account", "xlsx", columns=("phone",), form=form))["B2"]
        assert (found.value, found.data_type in ("s", "inlineStr")) == (masked, True)
    row = json.loads(content(actor, Order("account", "jsonl")))
    assert row["phone"] == masked


def test_a_record_that_may_not_be_seen_has_no_title_in_the_file() -> None:
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    account = samples.create("account", name="Hidden Harbour", owner=other.pk)
    samples.create("opportunity", owner=mine.pk, account=account.pk)
    row = lines(people.actor(mine), Order("opportunity", columns=("account",), headings="keys"))[0]
    assert row["account"] == "•••"


def test_without_the_right_nothing_leaves_and_nothing_changes() -> None:
    mine = people.person("mine", "salesperson")
    Samples().create("account", owner=mine.pk)
    RoleAction.objects.filter(role=Role.objects.get(key="salesperson"), right="export").delete()
    registry.bump("access")
    actor = people.actor(mine)
    before = dump.database()
    with pytest.raises(Refused, match="export"):
        start(actor, Order("account"))
    assert dump.database() == before
    with pytest.raises(NotFound):
        start(people.actor(people.person("nobody")), Order("account"))
    assert not AuditEvent.objects.filter(event="exported").exists()


@pytest.mark.parametrize("wrong", [{"format": "exe"}, {"form": "x"}, {"headings": "x"}, {"ids": tuple(range(3000))}])
def test_orders_that_mean_nothing_are_refused_in_words(admin: Actor, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        start(admin, Order("account", **wrong))


def test_the_audit_log_says_what_left(admin: Actor) -> None:
    deals.make(3)
    content(admin, Order("opportunity", query="amount>=200"))
    event = AuditEvent.objects.get(event="exported")
    assert (event.person_id, event.object) == (admin.user_id, "opportunity")
    assert event.detail == "CSV, 2 rows, query amount>=200"


def test_the_order_of_the_file_is_that_of_the_list_over_several_batches(admin: Actor) -> None:
    deals.make(1100)
    amounts = [float(row["Amount"]) for row in lines(admin, Order("opportunity", sort="-amount", columns=("amount",)))]
    assert len(amounts) == 1100
    assert amounts == sorted(amounts, reverse=True)


def test_queries_grow_with_batches_and_not_with_rows(admin: Actor) -> None:
    counts = []
    deals.make(10)
    for more in (0, 890):
        if more:
            deals.make(more)
        content(admin, Order("opportunity"))
        with CaptureQueriesContext(db.connection()) as captured:
            content(admin, Order("opportunity"))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("format", ["csv", "xlsx", "jsonl"])
def test_memory_does_not_grow_with_the_rows(admin: Actor, format: str) -> None:
    many(admin, 2000)
    few = peak(admin, format)
    many(admin, 18_000)
    assert peak(admin, format) < few * 1.4 + 500_000


def many(actor: Actor, number: int) -> None:
    """So many accounts, written around the door for speed."""
    model = registry.get("account").model
    now = datetime.now(UTC)
    model._default_manager.bulk_create(
        [model(name=f"客户 {i}", owner_id=actor.user_id, created_at=now, updated_at=now) for i in range(number)],  # type: ignore[misc]
        batch_size=500,
    )


def peak(actor: Actor, format: str) -> int:
    """Bytes that an export needs at most."""
    order = Order("account", format, columns=("name", "level", "owner", "created_at"))
    consume(start(actor, order).chunks)
    tracemalloc.start()
    consume(start(actor, order).chunks)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest


def consume(chunks: Iterator[bytes]) -> None:
    """Take the pieces one after the other, keeping none."""
    while list(islice(chunks, 1)):
        pass
