"""Mass changes on the pages: everything of a filter, what is left out, the result with its file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.domains.customers.models import Account
from guanxi.engine import write
from guanxi.engine.bulk import run
from guanxi.engine.bulk.tables import BulkRun
from guanxi.engine.jobs import running
from guanxi.kernel import db
from tests.support import people

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def accounts(number: int, **values: Any) -> list[int]:
    with write.change(people.program(), "test") as door:
        rows = [{"name": f"=Account {index}", **values} for index in range(number)]
        return [made.pk for made in door.create_many("account", rows)]


def toast(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers["HX-Trigger"])["toast"]
    return found


def test_the_list_offers_everything_that_matches_where_there_is_more_than_a_page(visitor: Client) -> None:
    accounts(60, city="Wuxi")
    page = visitor.get("/o/account?q=city:Wuxi").content.decode()
    assert "Select all 60 that match" in page and 'bulk="/o/account/bulk?q=city%3AWuxi"' in page
    accounts(2, city="Suzhou")
    assert "data-every" not in visitor.get("/o/account?q=city:Suzhou").content.decode()


def test_the_dialogs_say_how_many_they_are_about(visitor: Client) -> None:
    ids = accounts(3, city="Wuxi")
    accounts(2)
    dialog = visitor.get("/o/account/bulk?q=city:Wuxi&all=1&field=tags").content.decode()
    assert "Change 3 records" in dialog and "city:Wuxi" in dialog and 'name="all" value="1"' in dialog
    assert 'value="add" selected' in dialog
    confirm = visitor.get("/o/account/bulk?q=city:Wuxi&all=1&what=delete").content.decode()
    assert "Delete 3 records?" in confirm and 'hx-post="/o/account/bulk?q=city%3AWuxi"' in confirm
    few = visitor.get(f"/o/account/bulk?id={ids[0]}&what=delete").content.decode()
    assert "Delete 1 record?" in few and f'name="id" value="{ids[0]}"' in few
    assert visitor.get("/o/account/bulk?all=1&what=zzz").status_code == 404
    assert visitor.get("/o/account/bulk?all=1&q=annual_revenue%3E%3Dlots&what=delete").status_code == 400
    assert "Restore 5 records?" not in visitor.get("/o/account/bulk?all=1&what=restore&deleted=1").content.decode()


def test_everything_of_a_filter_is_changed_and_can_be_undone(visitor: Client) -> None:
    ids, others = accounts(4, city="Wuxi"), accounts(1)
    sent = {"what": "edit", "all": "1", "field": "city", "city": "Suzhou"}
    done = visitor.post("/o/account/bulk?q=city:Wuxi", sent, headers=HTMX)
    assert (done.status_code, toast(done)["message"]) == (204, "4 records changed.")
    assert Account.objects.filter(pk__in=ids, city="Suzhou").count() == 4
    assert not Account.objects.filter(pk__in=others, city="Suzhou").exists()
    assert visitor.post(f"/undo/{toast(done)['undo']}", headers=HTMX).status_code == 204
    assert Account.objects.filter(pk__in=ids, city="Wuxi").count() == 4
    deleted = visitor.post("/o/account/bulk?q=city:Wuxi", {"what": "delete", "all": "1"}, headers=HTMX)
    assert toast(deleted)["message"] == "4 records moved to the recycle bin."
    back = visitor.post("/o/account/bulk?q=city:Wuxi&deleted=1", {"what": "restore", "all": "1"}, headers=HTMX)
    assert toast(back)["message"] == "4 records restored."


def test_a_wrong_value_is_told_in_the_dialog_and_changes_nothing(visitor: Client) -> None:
    accounts(3)
    sent = {"what": "edit", "all": "1", "field": "founded", "founded": "long ago"}
    refused = visitor.post("/o/account/bulk", sent, headers=HTMX)
    assert refused.status_code == 422 and "Enter a number." in refused.content.decode()
    assert "long ago" in refused.content.decode() and not BulkRun.objects.exists()
    wrong = {"what": "delete", "all": "1"}
    assert visitor.post("/o/account/bulk?q=annual_revenue%3E%3Dlots", wrong, headers=HTMX).status_code == 400
    assert Account.objects.filter(deleted_at=None).count() == 3
    nothing = visitor.post("/o/account/bulk?q=city:Nowhere", {"what": "delete", "all": "1"}, headers=HTMX)
    assert nothing.status_code == 422 and "No record meets this" in toast(nothing)["message"]


def test_what_was_left_out_is_listed_and_can_be_downloaded() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    own, foreign = accounts(1, owner=seller.pk), accounts(1, owner=other.pk)
    client = Client()
    assert client.login(username="seller", password="seller")
    done = client.post("/o/account/bulk", {"what": "delete", "id": [*own, *foreign]}, headers=HTMX)
    address = done.headers["HX-Redirect"]
    page = client.get(address).content.decode()
    assert "1 record was left as it is" in page and f"#{foreign[0]}" in page and "=Account" not in page
    file = client.get(f"{address}/rejected.csv")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert lines[0] == '"Id","Record","Reason"' and lines[1].startswith(f'"{foreign[0]}",""')
    stranger = Client()
    assert stranger.login(username="other", password="other")
    assert stranger.get(address).status_code == 404 and stranger.get(f"{address}/rejected.csv").status_code == 404


def test_titles_in_the_file_are_no_formulas(visitor: Client) -> None:
    with write.change(people.program(), "test") as door:
        made = door.create_many("product", [{"name": "=1+1", "code": "A"}, {"name": "Two", "code": "B"}])
    sent = {"what": "edit", "id": [one.pk for one in made], "field": "currency", "currency": "USD"}
    assert visitor.post("/o/product/bulk", sent, headers=HTMX).status_code == 204
    found = BulkRun.objects.get()
    found.rejections.create(record=made[0].pk, code="invalid", reason="+ wrong")
    BulkRun.objects.update(rejected=1)
    content = b"".join(visitor.get(f"/bulk/{found.pk}/rejected.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert '"\'=1+1"' in content and '"\'+ wrong"' in content


def test_a_large_one_shows_its_progress_and_its_end(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 2)
    ids = accounts(5, city="Wuxi")
    assert "in the background" in visitor.get("/o/account/bulk?q=city:Wuxi&all=1").content.decode()
    sent = {"what": "edit", "all": "1", "field": "city", "city": "Suzhou"}
    begun = visitor.post("/o/account/bulk?q=city:Wuxi", sent, headers=HTMX)
    address = begun.headers["HX-Redirect"]
    waiting = visitor.get(address).content.decode()
    assert "every 2s" in waiting and "Waiting" in waiting and "city~Wuxi" in waiting
    job = BulkRun.objects.get().job
    assert job is not None
    running.run(job)
    ended = visitor.get(address, headers={**HTMX, "HX-Target": "bulk-run"}).content.decode()
    assert "every 2s" not in ended and "Undo all of it" in ended and "<html" not in ended
    assert Account.objects.filter(pk__in=ids, city="Suzhou").count() == 5
    assert address in visitor.get(f"/jobs/{job}").content.decode()


def test_the_pages_ask_as_much_for_many_as_for_few(visitor: Client) -> None:
    accounts(60)
    visitor.post("/o/account/bulk", {"what": "edit", "all": "1", "field": "city", "city": "X"}, headers=HTMX)
    made = BulkRun.objects.get()
    for pk in Account.objects.values_list("pk", flat=True)[:50]:
        made.rejections.create(record=pk, code="refused", reason="No")
    BulkRun.objects.update(rejected=50)
    for path, most in ((f"/bulk/{made.pk}", 12), ("/o/account/bulk?all=1&what=delete", 8), ("/api/docs/account", 6)):
        visitor.get(path)
        with CaptureQueriesContext(db.connection()) as captured:
            assert visitor.get(path).status_code == 200
        assert len(captured) <= most, (path, len(captured))
