"""Deliveries and journal: the administrator's pages and their API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from guanxi.access.models import AuditEvent, User
from guanxi.engine import write
from guanxi.journal import dispatcher
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return people.person("root", administrator=True)


@pytest.fixture
def client(root: User) -> Client:
    found = Client()
    found.login(username="root", password="root")
    return found


@pytest.fixture
def rows(root: User) -> list[Delivery]:
    """One that waits, one done, one dead, for a webhook called Hub."""
    with write.change(people.actor(root), "test") as door:
        hook = door.create("webhook", {"name": "Hub", "url": "https://hub.example/", "events": "opportunity"})
    deal = Samples().create("opportunity")
    made = []
    for name, status in (("A", "waiting"), ("B", "done"), ("C", "dead")):
        with write.change(people.program(), "test") as door:
            door.update("opportunity", deal.pk, {"name": name})
        row = dispatcher.delivery("webhooks", str(hook.pk), Entry.objects.latest("id"))
        row.status, row.attempts, row.next_at = status, 2, clock.now() + timedelta(hours=1)
        if status == "dead":
            row.error, row.detail, row.response_status = "status", "503", 503
            row.request, row.response = '{"id":"evt_1","text":"<b>"}', "no & thanks"
        row.save()
        made.append(row)
    return made


def test_the_page_shows_lag_trouble_and_deliveries(client: Client, rows: list[Delivery]) -> None:
    page = client.get("/admin/journal").content.decode()
    assert "webhooks" in page and "Hub" in page and "The receiver answered with status 503." in page
    assert all(row.event in page for row in rows)
    dead = client.get("/admin/journal?status=dead").content.decode()
    assert rows[2].event in dead and rows[0].event not in dead
    assert "No deliveries here" in client.get("/admin/journal?consumer=nobody").content.decode()
    assert client.get("/admin/journal?before=x&status=%00&target=%F0").status_code == 200
    assert 'href="/admin/journal"' in client.get("/admin").content.decode()


def test_one_delivery_in_words(client: Client, rows: list[Delivery]) -> None:
    page = client.get(f"/admin/journal/{rows[2].pk}").content.decode()
    assert "The receiver answered with status 503." in page and "no &amp; thanks" in page
    assert "&lt;b&gt;" in page and "<b>" not in page.split("What was sent")[1].split("</pre>")[0]
    assert client.get("/admin/journal/999999").status_code == 404


@pytest.mark.parametrize(
    ("sent", "again"),
    (
        ({"what": "selected", "id": [0, 1]}, (0, 1)),
        ({"what": "one", "id": [2]}, (2,)),
        ({"what": "dead", "consumer": "webhooks"}, (2,)),
        ({"what": "since", "consumer": "webhooks", "since": "2020-01-01T00:00"}, (0, 1, 2)),
    ),
)
def test_sending_again_is_audited(
    client: Client, rows: list[Delivery], sent: dict[str, object], again: tuple[int, ...]
) -> None:
    ids = sent.get("id", [])
    assert isinstance(ids, list)
    data = sent | {"id": [rows[index].pk for index in ids]}
    if sent["what"] == "dead":
        data["target"] = rows[2].target
    assert client.post("/admin/journal/replay", data).status_code == 303
    for index, row in enumerate(rows):
        row.refresh_from_db()
        assert (row.attempts == 0 and row.status == "waiting") == (index in again), index
    event = AuditEvent.objects.get(event="deliveries_replayed")
    assert event.detail


def test_mistakes_are_told(client: Client, rows: list[Delivery]) -> None:
    assert client.post("/admin/journal/replay", {"what": "selected"}).status_code == 422
    assert client.post("/admin/journal/replay", {"what": "since", "consumer": "webhooks"}).status_code == 422
    assert not AuditEvent.objects.filter(event="deliveries_replayed").exists()


def test_the_api_does_the_same(client: Client, rows: list[Delivery]) -> None:
    lags = {lag["consumer"]: lag for lag in client.get("/api/v1/journal").json()["data"]}
    assert (lags["webhooks"]["waiting"], lags["webhooks"]["dead"]) == (1, 1)
    listed = client.get("/api/v1/deliveries?status=dead").json()
    assert [row["id"] for row in listed["data"]] == [rows[2].pk] and listed["next"] is None
    one = client.get(f"/api/v1/deliveries/{rows[2].pk}").json()
    assert (one["event"], one["error"], one["response_status"]) == (rows[2].event, "status", 503)
    assert one["response"] == "no & thanks"

    def replay(**body: object) -> tuple[int, object]:
        answer = client.post("/api/v1/deliveries/replay", body, content_type="application/json")
        return answer.status_code, answer.json().get("replayed")

    assert replay(consumer="webhooks", dead=True) == (200, 1)
    assert replay(ids=[rows[1].pk]) == (200, 1)
    assert replay(consumer="webhooks", since="2020-01-01T00:00:00Z", target=rows[0].target) == (200, 4)
    for wrong in ({}, {"ids": ["x"]}, {"consumer": "webhooks"}, {"consumer": "webhooks", "since": "soon"}):
        assert replay(**wrong)[0] == 400
    assert client.get("/api/v1/deliveries?status=lost").status_code == 400
    assert client.get("/api/v1/deliveries?x=1").status_code == 400
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/journal", "/deliveries", "/deliveries/{id}", "/deliveries/replay"} <= set(paths)


def test_nobody_else_gets_in(rows: list[Delivery]) -> None:
    people.person("boss", "sales_manager")
    client = Client()
    client.login(username="boss", password="boss")
    for address in ("/admin/journal", f"/admin/journal/{rows[0].pk}", "/api/v1/journal", "/api/v1/deliveries"):
        assert client.get(address).status_code == 403, address
    assert client.post("/admin/journal/replay", {"what": "dead", "consumer": "webhooks"}).status_code == 403
    assert "/deliveries" not in client.get("/api/v1/openapi.json").json()["paths"]
