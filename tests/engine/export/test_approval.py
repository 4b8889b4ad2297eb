"""The life of a request for more rows than may leave at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from guanxi.access.actor import Actor
from guanxi.access.models import AuditEvent, Role, RoleAction, RoleField, SecurityPolicy, User
from guanxi.engine import notifications
from guanxi.engine.export import approval
from guanxi.engine.export.order import Order
from guanxi.engine.export.run import NeedsApproval, start
from guanxi.engine.export_request import ExportRequest
from guanxi.kernel import clock
from guanxi.kernel.errors import Conflict, GuanxiError, Invalid, NotFound, Refused
from guanxi.schema import registry
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def limit(rows: int) -> None:
    """The company lets so many rows go without approval."""
    SecurityPolicy.objects.update_or_create(pk=1, defaults={"values": {"export_approval_above": rows}})
    registry.bump("access")
    people.refreshed()


class World:
    """A salesperson with three accounts, the superior, another administrator and a stranger; two rows may leave."""

    def __init__(self) -> None:
        self.boss = people.person("boss", "sales_manager")
        self.li = people.person("li", "salesperson", manager=self.boss)
        self.root = people.person("root", administrator=True)
        self.other = people.person("other", "sales_manager")
        samples = Samples()
        for number in range(3):
            samples.create("account", name=f"客户 {number}", owner=self.li.pk, phone=f"+861380013800{number}")
        limit(2)

    def actor(self, user: User) -> Actor:
        """As the next request sees the person."""
        return people.actor(user)

    def asked(self, reason: str = "年度对账", **order: Any) -> ExportRequest:
        """A request of the salesperson."""
        return approval.ask(self.actor(self.li), Order("account", columns=("name", "phone"), **order), reason)

    def approved(self) -> ExportRequest:
        """A request that the superior has approved."""
        return approval.decide(self.actor(self.boss), self.asked().pk, approve=True)


@pytest.fixture
def world(db: Any) -> World:
    """See above."""
    return World()


def text(export: Any) -> str:
    """The file as text."""
    return b"".join(export.chunks).decode("utf-8-sig")


def test_up_to_the_limit_a_file_leaves_at_once_and_above_not(world: World) -> None:
    li = world.actor(world.li)
    assert "客户 1" in text(start(li, Order("account", query='name:"客户 1"')))
    before = dump.database()
    with pytest.raises(NeedsApproval, match="2 rows"):
        start(li, Order("account"))
    with pytest.raises(NeedsApproval):
        start(world.actor(world.root), Order("account"))
    assert dump.database() == before
    limit(3)
    assert start(world.actor(world.li), Order("account")).rows == 3
    limit(0)
    assert start(world.actor(world.root), Order("account")).rows == 3


def test_asked_approved_downloaded_once(world: World) -> None:
    asked = world.asked("给审计的年度对账")
    assert (asked.state, asked.rows, asked.reason, asked.columns) == ("waiting", 3, "给审计的年度对账", "name,phone")
    for person in (world.boss, world.root):
        told = notifications.latest(world.actor(person))[0]
        assert (told.object, told.record) == ("export_request", asked.pk)
        assert "Person li" in told.text and "3" in told.text
        assert [one.pk for one in approval.waiting_for(world.actor(person))] == [asked.pk]
    assert not notifications.latest(world.actor(world.other))
    with pytest.raises(Refused):
        approval.download(world.actor(world.li), asked.pk)

    approval.decide(world.actor(world.boss), asked.pk, approve=True, answer="好的")
    assert "approved" in notifications.latest(world.actor(world.li))[0].text
    decided = AuditEvent.objects.get(event="export_decided")
    assert (decided.person_id, decided.record) == (world.boss.pk, asked.pk)
    assert decided.detail == "approved: CSV, 3 rows of account, asked by Person li"

    assert "客户 2" in text(approval.download(world.actor(world.li), asked.pk))
    exported = AuditEvent.objects.get(event="exported")
    assert exported.detail.endswith(f"approved request {asked.pk}")
    assert approval.get(world.actor(world.li), asked.pk).state == "done"
    with pytest.raises(Refused, match="already"):
        approval.download(world.actor(world.li), asked.pk)


def test_refused_stays_refused(world: World) -> None:
    asked = world.asked()
    approval.decide(world.actor(world.root), asked.pk, approve=False, answer="太多了")
    with pytest.raises(Refused):
        approval.download(world.actor(world.li), asked.pk)
    with pytest.raises(Conflict):
        approval.decide(world.actor(world.boss), asked.pk, approve=True)
    assert "refused" in notifications.latest(world.actor(world.li))[0].text


def test_nobody_approves_their_own(world: World) -> None:
    root = world.actor(world.root)
    second = people.person("second", administrator=True)
    own = approval.ask(root, Order("account"), "mine")
    with pytest.raises(Refused, match="own"):
        approval.decide(world.actor(world.root), own.pk, approve=True)
    with pytest.raises(Refused, match="own"):
        approval.decide(world.actor(world.li), world.asked().pk, approve=True)
    assert ExportRequest.objects.get(pk=own.pk).state == "waiting"
    assert not AuditEvent.objects.filter(event="export_decided").exists()
    assert approval.decide(world.actor(second), own.pk, approve=True).state == "approved"


def test_strangers_neither_see_decide_nor_download(world: World) -> None:
    request = world.approved()
    waiting = world.asked("another", query="客户")
    stranger = world.actor(world.other)
    before = dump.database()
    for act in (
        lambda: approval.get(stranger, request.pk),
        lambda: approval.decide(stranger, waiting.pk, approve=True),
        lambda: approval.download(stranger, request.pk),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Refused):
        approval.download(world.actor(world.boss), request.pk)
    assert dump.database() == before
    assert not approval.mine(stranger) and not approval.waiting_for(stranger)


def test_not_even_an_administrator_changes_a_request_by_hand(world: World) -> None:
    asked = world.asked()
    client = Client()
    client.login(username="root", password="root")
    before = dump.database()["engine_exportrequest"]
    address = f"/api/v1/export_request/{asked.pk}"
    assert client.patch(address, '{"state": "approved"}', content_type="application/json").status_code == 403
    assert client.delete(address).status_code == 403
    assert client.post("/api/v1/export_request", "{}", content_type="application/json").status_code == 403
    assert client.post(f"/o/export_request/{asked.pk}/cell/state", {"state": "approved"}).status_code in (403, 404, 422)
    assert dump.database()["engine_exportrequest"] == before
    client.login(username="li", password="li")
    assert client.get("/o/export_request").status_code == 403
    assert client.get(address).status_code == 404


def test_after_seven_days_it_is_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = world.approved()
    assert request.expires_at is not None and request.decided_at is not None
    assert request.expires_at - request.decided_at == timedelta(days=7)
    ExportRequest.objects.filter(pk=request.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="over"):
        approval.download(world.actor(world.li), request.pk)


def test_rights_lost_in_between_are_lost(world: World) -> None:
    request = world.approved()
    role = Role.objects.get(key="salesperson")
    RoleField.objects.create(role=role, object="account", field="phone", level="hidden")
    registry.bump("access")
    before = dump.database()
    RoleAction.objects.filter(role=role, right="export").update(right="exporting")
    registry.bump("access")
    with pytest.raises(Refused):
        approval.download(world.actor(world.li), request.pk)
    assert dump.database()["engine_exportrequest"] == before["engine_exportrequest"]
    RoleAction.objects.filter(role=role, right="exporting").update(right="export")
    registry.bump("access")
    Samples().create("account", name="Foreign", owner=world.other.pk)
    file = text(approval.download(world.actor(world.li), request.pk))
    assert "客户 0" in file and "13800" not in file and "Foreign" not in file


def test_far_more_rows_than_approved_need_a_new_request(world: World) -> None:
    request = world.approved()
    samples = Samples()
    samples.create("account", owner=world.li.pk)
    with pytest.raises(Refused, match="more rows"):
        approval.download(world.actor(world.li), request.pk)
    assert ExportRequest.objects.get(pk=request.pk).state == "approved"


def test_a_file_that_cannot_be_made_does_not_use_up_the_approval(world: World) -> None:
    Samples().create("account", owner=world.li.pk, description="x" * 40_000)
    li = world.actor(world.li)
    asked = approval.ask(li, Order("account", "xlsx", columns=("description",), form="data"), "why")
    approval.decide(world.actor(world.boss), asked.pk, approve=True)
    with pytest.raises(Invalid):
        approval.download(world.actor(world.li), asked.pk)
    assert ExportRequest.objects.get(pk=asked.pk).state == "approved"
    assert not AuditEvent.objects.filter(event="exported").exists()


def test_a_reason_is_needed_and_asking_twice_is_asking_once(world: World) -> None:
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(Invalid):
            world.asked(reason)
    assert world.asked().pk == world.asked("again").pk
    assert world.asked(query="客户").pk != world.asked().pk


def test_where_nobody_can_approve_it_is_said(world: World) -> None:
    User.objects.filter(pk=world.boss.pk).update(is_active=False)
    User.objects.filter(pk=world.root.pk).update(is_active=False)
    registry.bump("access")
    with pytest.raises(Refused, match="Nobody"):
        world.asked()
    assert not ExportRequest.objects.exists()


def test_two_decisions_at_the_same_time_are_one(world: World) -> None:
    asked = world.asked()
    stale = approval.get(world.actor(world.boss), asked.pk)
    approval.decide(world.actor(world.root), asked.pk, approve=False)
    with pytest.raises(GuanxiError):
        approval._set(world.actor(world.boss), asked.pk, {"state": "approved"}, stale.version)
    assert ExportRequest.objects.get(pk=asked.pk).state == "refused"


def test_a_narrow_key_neither_exports_nor_decides(world: World) -> None:
    from dataclasses import replace

    asked = world.asked()
    reader = replace(world.actor(world.li), allowed=frozenset({"read"}))
    with pytest.raises(Refused):
        start(reader, Order("account", query='name:"客户 1"'))
    with pytest.raises(Refused, match="key"):
        approval.decide(replace(world.actor(world.root), allowed=frozenset({"read", "export"})), asked.pk, approve=True)
