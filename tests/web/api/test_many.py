"""Rows in one call, records by a value of their own, mass changes through the API."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from guanxi.access.models import User
from guanxi.domains.customers.models import Account
from guanxi.engine import undo
from guanxi.engine.bulk import run
from guanxi.engine.jobs import running
from guanxi.journal.models import ChangeSet
from guanxi.kernel import db
from tests.support import dump, people
from tests.support.samples import Samples
from tests.web.api.calling import Program, administrator

pytestmark = pytest.mark.django_db


def batch(program: Program, operation: str, *values: dict[str, Any], **more: Any) -> Any:
    items = [row if "values" in row else {"values": row} for row in values]
    return program.ask("POST", "account/batch", {"operation": operation, "items": items, **more})


def test_every_row_says_what_came_of_it() -> None:
    program = administrator()
    answer = batch(program, "create", {"name": "One"}, {"level": "a"}, {"name": "Two", "zzz": 1}, {"name": "Three"})
    body = answer.json()
    assert answer.status_code == 200
    assert [row["status"] for row in body["results"]] == [201, 422, 422, 201]
    assert (body["written"], body["refused"]) == (2, 2)
    assert list(body["results"][1]["problem"]["errors"]) == ["name"]
    assert list(body["results"][2]["problem"]["errors"]) == ["zzz"]
    assert [Account.objects.get(pk=row["id"]).name for row in body["results"] if row["id"]] == ["One", "Three"]
    assert ChangeSet.objects.filter(entries__object="account").distinct().count() == 1
    actor = people.actor(User.objects.get(username="root"))
    assert undo.undo(actor, body["change_set"]).records == 2


def test_all_or_nothing() -> None:
    program = administrator()
    before = dump.database()
    answer = batch(program, "create", {"name": "One"}, {"level": "a"}, atomic=True)
    body = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert [row["status"] for row in body["results"]] == [424, 422]
    assert body["results"][0]["id"] is None
    assert dump.database() == before
    assert batch(program, "create", {"name": "One"}, {"name": "Two"}, atomic=True).json()["written"] == 2


def test_updates_by_id_with_versions_and_rights() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    own = [samples.create("account", owner=seller.pk).pk for _ in range(3)]
    foreign = samples.create("account", owner=other.pk).pk
    rows = [
        {"id": own[0], "values": {"city": "Suzhou"}},
        {"id": own[1], "version": 7, "values": {"city": "Suzhou"}},
        {"id": foreign, "values": {"city": "Suzhou"}},
        {"id": 10**12, "values": {"city": "Suzhou"}},
        {"id": own[0], "values": {"city": "Twice"}},
        {"id": own[2], "version": 1, "values": {"level": "zzz"}},
    ]
    body = batch(Program(seller), "update", *rows).json()
    assert [row["status"] for row in body["results"]] == [200, 409, 404, 404, 422, 422]
    assert [row["version"] for row in body["results"]][:2] == [2, None]
    assert body["results"][2]["problem"]["detail"] == body["results"][3]["problem"]["detail"]
    assert list(Account.objects.filter(city="Suzhou").values_list("pk", flat=True)) == [own[0]]


def test_upserts_by_external_id_and_by_unique_field() -> None:
    program = administrator()
    rows = [{"external_id": "E-1", "name": "One"}, {"external_id": "E-2", "name": "Two"}]
    first = batch(program, "upsert", *rows, by="external_id").json()
    assert [row["status"] for row in first["results"]] == [201, 201]
    rows = [
        {"external_id": "E-2", "city": "Suzhou"},
        {"external_id": "E-3", "name": "Three"},
        {"external_id": "E-3", "name": "Again"},
        {"name": "Without"},
        {"external_id": "E-4"},
    ]
    second = batch(program, "upsert", *rows, by="external_id").json()
    assert [row["status"] for row in second["results"]] == [200, 201, 422, 422, 422]
    assert second["results"][0]["id"] == first["results"][1]["id"]
    Samples().create("account", external_id="E-1")
    assert (
        batch(program, "upsert", {"external_id": "E-1", "city": "X"}, by="external_id").json()["results"][0]["status"]
        == 409
    )
    assert batch(program, "upsert", {"name": "X"}, by="name").status_code == 400
    assert [row["id"] for row in program.ask("GET", "account?filter=external_id=E-3").json()["data"]] == [
        second["results"][1]["id"]
    ]
    product = program.ask("POST", "product/batch", {"operation": "upsert", "by": "code", "items": [
        {"values": {"code": "P", "name": "Pump"}}]})  # fmt: skip
    assert product.json()["results"][0]["status"] == 201


def test_put_by_a_value_creates_then_changes() -> None:
    program = administrator()
    path = "account/by/external_id/ERP%2F7%20ä"
    assert program.ask("GET", path).status_code == 404
    made = program.ask("PUT", path, {"name": "One"})
    assert (made.status_code, made.json()["external_id"]) == (201, "ERP/7 ä")
    assert made.headers["Location"] == f"/api/v1/account/{made.json()['id']}"
    changed = program.ask("PUT", path, {"city": "Suzhou"}, If_Match=made.headers["ETag"])
    assert (changed.status_code, changed.json()["id"], changed.json()["city"]) == (200, made.json()["id"], "Suzhou")
    assert program.ask("GET", path).headers["ETag"] == changed.headers["ETag"]
    assert program.ask("PUT", path, {"city": "X"}, If_Match=made.headers["ETag"]).status_code == 412
    assert program.ask("PUT", path, {"name": "X"}, If_None_Match="*").status_code == 412
    assert program.ask("PUT", "account/by/external_id/new", {"name": "X"}, If_Match='"1"').status_code == 412
    assert program.ask("PUT", path, {"external_id": "other"}).status_code == 400
    assert program.ask("PUT", "account/by/name/X", {}).status_code == 400
    assert program.ask("OPTIONS", "role/by/key/X").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert program.ask("PUT", "role/by/key/X", {}).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert program.ask("PUT", "account/by/external_id/new", {}).json()["errors"]["name"]
    assert Account.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_new_record_from_several_sides_is_made_once() -> None:
    program = administrator()
    statuses: list[int] = []

    def put() -> None:
        try:
            statuses.append(program.ask("PUT", "account/by/external_id/E", {"name": "Once"}).status_code)
        finally:
            db.close_all()

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [201]
    assert Account.objects.count() == 1


def test_a_batch_of_a_thousand_is_set_based(django_assert_max_num_queries: Any) -> None:
    program = administrator()
    items = [{"values": {"name": f"Account {number}"}} for number in range(1000)]
    with django_assert_max_num_queries(60):
        answer = program.ask("POST", "account/batch", {"operation": "create", "items": items})
    assert answer.json()["written"] == 1000
    assert program.ask("POST", "account/batch", {"operation": "create", "items": items + items[:1]}).status_code == 400


def test_mass_changes_by_ids_and_by_filter() -> None:
    program = administrator()
    samples = Samples()
    ids = [samples.create("account", city="Wuxi").pk for _ in range(4)]
    counted = program.ask("POST", "account/bulk", {"operation": "delete", "filter": "city:Wuxi", "preview": True})
    assert counted.json() == {"count": 4}
    done = program.ask(
        "POST", "account/bulk", {"operation": "update", "values": {"city": "Suzhou"}, "ids": [*ids[:2], 10**9]}
    )
    body = done.json()
    assert (done.status_code, body["status"], body["done"], body["rejected"]["count"]) == (200, "done", 2, 1)
    assert body["rejected"]["records"][0] | {"reason": ""} == {
        "id": 10**9,
        "title": None,
        "code": "not_found",
        "reason": "",
    }
    tree = {"field": "city", "op": "eq", "value": "Wuxi"}
    assert program.ask("POST", "account/bulk", {"operation": "delete", "filter": tree}).json()["done"] == 2
    assert program.ask("POST", "account/bulk", {"operation": "restore", "filter": ""}).json()["done"] == 2
    left = program.ask("GET", f"bulk/{body['id']}/rejected?limit=1").json()
    assert [row["id"] for row in left["data"]] == [10**9] and left["next"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operation": "update", "values": {"city": "X"}},
        {"operation": "update", "values": {"city": "X"}, "ids": [1], "filter": ""},
        {"operation": "zzz", "ids": [1]},
        {"operation": "delete", "ids": []},
        {"operation": "delete", "ids": ["1"]},
        {"operation": "delete", "ids": [True]},
        {"operation": "delete", "ids": [1], "values": {"city": "X"}},
        {"operation": "update", "ids": [1], "values": {"zzz": 1}},
        {"operation": "update", "ids": [1], "values": {"city": 7}},
        {"operation": "update", "ids": [1], "values": {}},
        {"operation": "add", "ids": [1], "values": {"city": "X"}},
        {"operation": "delete", "filter": "zzz:"},
        {"operation": "delete", "filter": {"field": "zzz", "op": "eq", "value": 1}},
        {"operation": "delete", "filter": ["x"]},
        {"operation": "delete", "filter": "", "preview": "yes"},
        {"operation": "delete", "filter": "", "zzz": 1},
    ],
)
def test_orders_that_make_no_sense_change_nothing(body: dict[str, Any]) -> None:
    program = administrator()
    Samples().create("account")
    before = dump.database()
    assert program.ask("POST", "account/bulk", body).status_code in (400, 404, 422)
    assert dump.database() == before


def test_a_large_mass_change_is_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 2)
    program = administrator()
    samples = Samples()
    ids = [samples.create("account").pk for _ in range(3)]
    begun = program.ask("POST", "account/bulk", {"operation": "update", "values": {"city": "Suzhou"}, "ids": ids})
    assert begun.status_code == 202 and begun.json()["status"] == "queued"
    running.run(begun.json()["job"])
    told = program.ask("GET", begun.headers["Location"]).json()
    assert (told["status"], told["done"], told["total"]) == ("done", 3, 3)
    assert json.loads(program.ask("GET", f"jobs/{begun.json()['job']}").content)["status"] == "done"
    taken = program.ask("POST", f"change-sets/{told['change_set']}/undo", {})
    assert taken.json()["records"] == 3
