"""Exports, print view and watermark over HTTP and through the API."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.test import Client

from guanxi.access.models import AuditEvent, Role, RoleAction, RoleField, SecurityPolicy, User
from guanxi.engine import keys
from guanxi.engine.export.safety import restore
from guanxi.engine.export_request import ExportRequest
from guanxi.schema import registry
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def policy(**values: Any) -> None:
    """The company's rules."""
    SecurityPolicy.objects.update_or_create(pk=1, defaults={"values": values})
    registry.bump("access")
    people.refreshed()


def without(right: str) -> None:
    """Salespeople lose a right."""
    RoleAction.objects.filter(role=Role.objects.get(key="salesperson"), right=right).delete()
    registry.bump("access")


def signed_in(username: str) -> Client:
    """A client of a person whose password is the user name."""
    client = Client()
    assert client.login(username=username, password=username)
    return client


def body(response: Any) -> bytes:
    """All of a streamed answer."""
    return b"".join(response.streaming_content)


def rows(response: Any) -> list[dict[str, str]]:
    """A CSV answer."""
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"), newline="")))


@pytest.fixture
def world() -> dict[str, Any]:
    """A salesperson with three accounts under a superior, and one account of somebody else."""
    boss = people.person("boss", "sales_manager")
    li = people.person("li", "salesperson", manager=boss)
    other = people.person("other", "salesperson")
    people.person("root", administrator=True)
    samples = Samples()
    own = [
        samples.create("account", name=f"=客户 {i}", level="a", owner=li.pk, phone="+8613800138000") for i in range(3)
    ]
    secret = samples.create("account", name="Hidden Harbour", owner=other.pk)
    return {"own": own, "secret": secret, "li": signed_in("li"), "boss": signed_in("boss"), "user": li}


def test_the_menu_and_the_dialog_lead_to_a_file_of_what_the_list_shows(world: dict[str, Any]) -> None:
    li: Client = world["li"]
    page = li.get("/o/account?q=level:a").content.decode()
    address = re.search(r'hx-get="(/o/account/export[^"]*)"', page)
    assert address is not None
    dialog = li.get(address[1].replace("&amp;", "&"), headers=HTMX).content.decode()
    assert "csrfmiddlewaretoken" in dialog and ">3</strong>" in dialog and "level:a" in dialog
    assert "<script" not in dialog and "style=" not in dialog
    response = li.post("/o/account/export?q=level:a&sort=name", {"format": "csv"})
    assert response.status_code == 200 and response.streaming
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment;") and "li.csv" in unquote(disposition)
    assert response.headers["Cache-Control"] == "private, no-store"
    found = rows(response)
    assert [restore(row["Account"] if "Account" in row else list(row.values())[1]) for row in found] == [
        "=客户 0",
        "=客户 1",
        "=客户 2",
    ]
    assert all(list(row.values())[1].startswith("'=") for row in found)


def test_the_file_speaks_the_persons_language_though_it_is_made_after_the_request(world: dict[str, Any]) -> None:
    User.objects.filter(username="li").update(preferences={"language": "zh-hans"})
    response = world["li"].post("/o/account/export", {"format": "csv", "columns": "all"})
    level = registry.get("account").fields["level"]
    option = level.spec.option("a")
    assert option is not None
    assert rows(response)[0][level.label.zh] == option.label.zh
    assert "客户" in unquote(response.headers["Content-Disposition"])


def test_a_selection_is_exported_alone_and_never_more_than_may_be_seen(world: dict[str, Any]) -> None:
    ids = [str(world["own"][0].pk), str(world["secret"].pk)]
    dialog = world["li"].get("/o/account/export", {"id": ids}, headers=HTMX).content.decode()
    assert 'name="what"' in dialog and ">1</strong>" in dialog
    assert len(rows(world["li"].post("/o/account/export", {"format": "csv", "id": ids}))) == 1
    every = {"format": "csv", "id": ids, "what": "filter"}
    assert len(rows(world["li"].post("/o/account/export", every))) == 3


def test_xlsx_over_http(world: dict[str, Any]) -> None:
    response = world["li"].post(
        "/o/account/export", {"format": "xlsx", "note": "1", "form": "data", "headings": "keys"}
    )
    assert response.headers["Content-Type"].endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(body(response)))
    table = list(book.active.iter_rows(values_only=True))
    assert table[0][0] == "id" and len(table) == 5
    assert table[4][0].startswith("Person li · li · 20")
    assert {cell.data_type for row in book.active for cell in row} <= {"n", "s", "inlineStr", "d", "b"}
    assert "Person li · li" in book.active.oddFooter.left.text
    assert book.properties.creator.startswith("Person li")
    policy(watermark_files=False)
    response = world["li"].post("/o/account/export", {"format": "xlsx", "note": "1"})
    book = openpyxl.load_workbook(io.BytesIO(body(response)))
    assert "li.xlsx" not in unquote(response.headers["Content-Disposition"])
    assert not book.active.oddFooter.left.text and book.active.max_row == 4


def test_without_the_right_there_is_no_way_and_nothing_changes(world: dict[str, Any]) -> None:
    without("export")
    li: Client = world["li"]
    assert "/export" not in re.sub(r"/exports", "", li.get("/o/account").content.decode())
    before = without_audit()
    assert li.get("/o/account/export", headers=HTMX).status_code == 403
    assert li.post("/o/account/export", {"format": "csv"}).status_code == 403
    assert li.get("/api/v1/account/export").status_code == 403
    assert "/account/export" not in li.get("/api/v1/openapi.json").json()["paths"]
    assert Client().post("/o/account/export").status_code in (302, 403)
    assert Client().get("/api/v1/account/export").status_code == 401
    assert without_audit() == before
    assert not AuditEvent.objects.filter(event="exported").exists()


def without_audit() -> dict[str, Any]:
    """The database, except that refusals are written down."""
    return {
        table: rows for table, rows in dump.database().items() if table not in ("access_auditevent", "access_audithead")
    }


@pytest.mark.parametrize(
    "address",
    [
        "/o/account/export?q=nofield:1",
        "/o/account/export?sort=nofield",
        "/o/account/export?view=99999",
        "/o/nothing/export",
        "/api/v1/account/export?format=exe",
        "/api/v1/account/export?columns=nofield",
        "/api/v1/account/export?ids=1,x",
        "/api/v1/account/export?note=maybe",
        "/api/v1/account/export?q=%7B%22",
        "/api/v1/account/export?wrong=1",
        "/api/v1/nothing/export",
        "/api/v1/export-requests/99999999999999999999",
        "/api/v1/export-requests?waiting=maybe",
        "/exports/999",
    ],
)
def test_addresses_that_mean_nothing_are_answered_in_words(world: dict[str, Any], address: str) -> None:
    assert world["li"].get(address).status_code in (400, 404, 422), address


def test_hidden_and_masked_fields_over_http_and_api(world: dict[str, Any]) -> None:
    role = Role.objects.get(key="salesperson")
    rule = RoleField.objects.create(role=role, object="account", field="phone", level="read", mask="list")
    registry.bump("access")
    li: Client = world["li"]
    row = rows(li.get("/api/v1/account/export?columns=phone"))[0]
    assert restore(row["phone"]) == "+86****8000"
    assert "13800138000" not in body(li.get("/api/v1/account/export?format=jsonl")).decode()
    rule.level = "hidden"
    rule.save()
    registry.bump("access")
    assert "phone" not in rows(li.get("/api/v1/account/export"))[0]
    assert li.get("/api/v1/account/export?columns=phone").status_code == 400
    assert li.get("/api/v1/account/export?q=phone:138").status_code == 400
    assert li.get("/api/v1/account/export?sort=phone").status_code == 400


def test_the_api_gives_data_that_the_api_takes(world: dict[str, Any]) -> None:
    response = world["li"].get("/api/v1/account/export?format=jsonl&sort=name&q=level:a")
    found = [json.loads(line) for line in body(response).splitlines()]
    listed = world["li"].get("/api/v1/account?sort=name&filter=level:a").json()["data"]
    assert [row["name"] for row in found] == [row["name"] for row in listed] == ["=客户 0", "=客户 1", "=客户 2"]
    tree = json.dumps({"field": "level", "op": "eq", "value": "a"})
    assert len(rows(world["li"].get("/api/v1/account/export", {"q": tree}))) == 3


def test_approval_through_the_pages(world: dict[str, Any]) -> None:
    policy(export_approval_above=2)
    li, boss = world["li"], world["boss"]
    dialog = li.get("/o/account/export", headers=HTMX).content.decode()
    assert 'name="reason"' in dialog and "data-download" not in dialog
    assert li.post("/o/account/export", {"format": "csv"}).status_code == 403
    again = li.post("/o/account/export", {"format": "csv", "reason": " "}, headers=HTMX)
    assert again.status_code == 422 and 'value="csv" selected' in again.content.decode()
    answer = li.post("/o/account/export", {"format": "csv", "reason": "<b>审计</b>"}, headers=HTMX)
    asked = ExportRequest.objects.get()
    assert answer.headers["HX-Redirect"] == f"/exports/{asked.pk}"
    page = li.get(f"/exports/{asked.pk}").content.decode()
    assert "&lt;b&gt;审计&lt;/b&gt;" in page and "/decide" not in page and "/download" not in page

    assert f"/exports/{asked.pk}" in boss.get("/notifications").content.decode()
    assert f"/exports/{asked.pk}" in boss.get("/exports").content.decode()
    page = boss.get(f"/exports/{asked.pk}").content.decode()
    assert "Person li" in page and "/decide" in page and "3" in page
    assert signed_in("other").get(f"/exports/{asked.pk}").status_code == 404
    assert signed_in("other").post(f"/exports/{asked.pk}/decide", {"decision": "approve"}).status_code == 404
    assert li.post(f"/exports/{asked.pk}/decide", {"decision": "approve"}).status_code == 403
    too_long = boss.post(f"/exports/{asked.pk}/decide", {"decision": "approve", "answer": "x" * 2001})
    assert too_long.status_code == 422 and "x" * 2001 in too_long.content.decode()
    assert boss.post(f"/exports/{asked.pk}/decide", {"decision": "approve"}).status_code == 303

    assert f"/exports/{asked.pk}/download" in li.get(f"/exports/{asked.pk}").content.decode()
    assert boss.post(f"/exports/{asked.pk}/download").status_code == 403
    assert li.get(f"/exports/{asked.pk}/download").status_code == 405
    assert len(rows(li.post(f"/exports/{asked.pk}/download"))) == 3
    assert li.post(f"/exports/{asked.pk}/download").status_code == 403


def test_approval_through_the_api(world: dict[str, Any]) -> None:
    policy(export_approval_above=2)
    _key, secret = keys.issue(people.actor(world["user"]), "k", ["read", "export"])
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert api.get("/api/v1/account/export").status_code == 422
    response = api.get("/api/v1/account/export?reason=audit&format=jsonl")
    assert response.status_code == 202
    address = response.headers["Location"]
    assert response.json()["address"] == address and response.json()["state"] == "waiting"
    assert [one["id"] for one in api.get("/api/v1/export-requests").json()["data"]] == [response.json()["id"]]
    boss = world["boss"]
    assert len(boss.get("/api/v1/export-requests?waiting=true").json()["data"]) == 1
    for wrong in ("{}", '{"approve": "yes"}', '{"approve": true, "x": 1}', '{"approve": true, "answer": 1}'):
        assert boss.post(f"{address}/decide", wrong, content_type="application/json").status_code == 422
    decided = boss.post(f"{address}/decide", '{"approve": true}', content_type="application/json")
    assert decided.json()["state"] == "approved"
    assert len(body(api.post(f"{address}/download")).splitlines()) == 3
    assert api.post(f"{address}/download").status_code == 403
    assert api.get(address).json()["state"] == "done"
    assert signed_in("other").get(address).status_code == 404
    _key, narrow = keys.issue(people.actor(world["user"]), "k", ["read"])
    reader = Client(headers={"Authorization": f"Bearer {narrow}"})
    assert reader.get("/api/v1/account/export?ids=1").status_code == 403


def test_the_openapi_description_names_all_of_it(world: dict[str, Any]) -> None:
    paths = world["li"].get("/api/v1/openapi.json").json()["paths"]
    assert set(paths["/account/export"]["get"]["responses"]) >= {"200", "202", "default"}
    names = {one["name"] for one in paths["/account/export"]["get"]["parameters"]}
    assert names == {"format", "q", "sort", "columns", "ids", "headings", "form", "note", "reason"}
    assert {"/export-requests", "/export-requests/{id}/decide", "/export-requests/{id}/download"} <= set(paths)


def test_the_print_view(world: dict[str, Any]) -> None:
    li, own = world["li"], world["own"][0].pk
    samples = Samples()
    samples.create("opportunity", name="Printed deal", owner=world["user"].pk, account=own)
    samples.create("opportunity", name="Foreign deal", owner=User.objects.get(username="other").pk, account=own)
    assert f"/o/account/{own}/print" in li.get(f"/o/account/{own}").content.decode()
    page = li.get(f"/o/account/{own}/print")
    text = page.content.decode()
    assert page.status_code == 200 and "=客户 0" in text and "Printed deal" in text and "Foreign deal" not in text
    assert "Printed by Person li · li ·" in text and 'class="watermarked"' in text
    assert "style=" not in text and "onclick" not in text and "<script>" not in text
    event = AuditEvent.objects.get(event="printed")
    assert (event.object, event.record) == ("account", own)
    assert li.get(f"/o/account/{world['secret'].pk}/print").status_code == 404
    policy(watermark_files=False)
    text = li.get(f"/o/account/{own}/print").content.decode()
    assert "Printed by" not in text and "watermarked" not in text


def test_printing_needs_its_right_for_the_record_and_for_each_related_list(world: dict[str, Any]) -> None:
    li, own = world["li"], world["own"][0].pk
    Samples().create("opportunity", name="Printed deal", owner=world["user"].pk, account=own)
    role = Role.objects.get(key="salesperson")
    RoleAction.objects.create(role=role, object="opportunity", right="read")
    registry.bump("access")
    assert "Printed deal" not in li.get(f"/o/account/{own}/print").content.decode()
    without("print")
    before = without_audit()
    assert li.get(f"/o/account/{own}/print").status_code == 403
    assert "/print" not in li.get(f"/o/account/{own}").content.decode()
    assert {k: v for k, v in without_audit().items() if k != "engine_recent"} == {
        k: v for k, v in before.items() if k != "engine_recent"
    }
    assert AuditEvent.objects.filter(event="printed").count() == 1


def test_the_watermark_on_the_screen(world: dict[str, Any]) -> None:
    li: Client = world["li"]
    pages = ("/", "/o/account", f"/o/account/{world['own'][0].pk}", "/exports", "/preferences")
    assert not any("watermarked" in li.get(page).content.decode() for page in pages)
    policy(watermark_screen=True)
    for page in pages:
        assert '<body class="watermarked">' in li.get(page).content.decode(), page
    User.objects.filter(username="li").update(name='<Li> & "Co" 李\x07')
    svg = li.get("/watermark.svg")
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert svg.headers["Cache-Control"] == "private, no-store"
    text = svg.content.decode()
    assert "&lt;Li&gt; &amp; &#34;Co&#34; 李 · li · 20" in text
    import xml.etree.ElementTree as tree

    assert tree.fromstring(text).tag.endswith("svg")
    assert Client().get("/watermark.svg").status_code == 302
    assert "watermarked" not in Client().get("/signin").content.decode()
