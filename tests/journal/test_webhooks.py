"""Webhooks against a real server: signed, projected by the responsible person, retried, switched off when nobody listens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook as Verifier

from guanxi.access.models import RoleField, SecurityPolicy, User
from guanxi.domains.integration.webhook import Webhook
from guanxi.engine import write
from guanxi.engine.models import Notification
from guanxi.journal import cursors, delivering, dispatcher, replaying
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock
from guanxi.kernel.errors import Invalid, Refused
from guanxi.schema import registry
from tests.journal.receiving import Receiver, receiving
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        SecurityPolicy.objects.create(pk=1, values={"outbound_allowed": [f"localhost:{found.port}"]})
        registry.bump("access")
        people.refreshed()
        cursors.start(["webhooks"])
        yield found


def hook(receiver: Receiver, person: User, events: str = "opportunity.*", **more: Any) -> Webhook:
    with write.change(people.actor(person), "test") as door:
        values = {"name": "Hook", "url": receiver.url, "events": events, "responsible": person.pk, **more}
        return door.create("webhook", values)  # type: ignore[return-value]


def act(person: User, webhook: Webhook, key: str, **inputs: Any) -> Any:
    with write.change(people.actor(person), "test") as door:
        return door.act("webhook", webhook.pk, key, inputs)


def change(record: Any, **values: Any) -> Entry:
    with write.change(people.program(), "test") as door:
        door.update("opportunity", record.pk, values)
    return Entry.objects.filter(object="opportunity", record=record.pk).latest("id")


def go() -> None:
    dispatcher.run_until_idle()
    delivering.work_off()


def test_a_change_arrives_signed_with_before_after_and_present_values(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    secret = act(root, webhook, "show_secret").reveal
    deal = Samples().create("opportunity", amount=100_00)
    entry = change(deal, amount=250_00)
    go()
    assert [message.data["type"] for message in receiver.received] == ["opportunity.created", "opportunity.updated"]
    message = receiver.received[1]
    told = Verifier(secret).verify(message.body, message.headers)
    assert told == message.data
    assert message.id == told["id"] == f"evt_{entry.era}-{entry.xact}-{entry.pk}"
    assert told["changes"]["amount"] == {"before": "100.00", "after": "250.00"}
    assert (told["object"], told["record"], told["data"]["amount"]) == ("opportunity", deal.pk, "250.00")
    assert set(Delivery.objects.values_list("status", "response_status", "response")) == {("done", 200, "ok")}
    with pytest.raises(Exception, match="signature"):
        Verifier(secret).verify(message.body + b" ", message.headers)


def test_deleted_records_are_told_too_and_other_objects_are_not(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    hook(receiver, root, "opportunity.deleted\ncompetitor")
    samples = Samples()
    deal, rival = samples.create("opportunity"), samples.create("competitor")
    with write.change(people.program(), "test") as door:
        door.delete("opportunity", [deal.pk])
    go()
    assert {(m.data["type"], m.data["record"]) for m in receiver.received} == {
        ("competitor.created", rival.pk),
        ("opportunity.deleted", deal.pk),
    }


def test_only_what_the_responsible_person_may_see_leaves(receiver: Receiver) -> None:
    seller = people.person("seller", "salesperson")
    root = people.person("root", administrator=True)
    role = seller.roles.get()
    RoleField.objects.create(role=role, object="opportunity", field="amount", level="hidden")
    RoleField.objects.create(role=role, object="opportunity", field="probability", level="read", mask="always")
    registry.bump("access")
    people.refreshed()
    hook(receiver, root, responsible=seller.pk)
    samples = Samples()
    mine = samples.create("opportunity", owner=seller.pk, amount=777_77)
    closed = samples.create("opportunity", owner=root.pk, amount=888_88)
    change(mine, amount=999_99, name="Mine now")
    change(closed, name="Closed now")
    go()
    assert {message.data["record"] for message in receiver.received} == {mine.pk}
    update = receiver.received[-1].data
    assert set(update["changes"]) == {"name"} and "amount" not in update["data"]
    sent = b"".join(message.body for message in receiver.received)
    assert b"777.77" not in sent and b"999.99" not in sent
    assert all(m.data["data"]["probability"] in (None, "••••••") for m in receiver.received)

    # What is closed only after it was queued does not leave either.
    change(mine, name="Given away")
    dispatcher.run_until_idle()
    with write.change(people.program(), "test") as door:
        door.update("opportunity", mine.pk, {"owner": root.pk})
    before = len(receiver.received)
    delivering.work_off()
    assert len(receiver.received) == before
    assert Delivery.objects.latest("id").detail == "unseen"


def test_a_condition_decides_about_the_record(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    hook(receiver, root, "opportunity.updated", condition="amount>=100000")
    samples = Samples()
    small, large = samples.create("opportunity", amount=10_00), samples.create("opportunity", amount=200_000_00)
    for deal in (small, large):
        change(deal, name="Renamed")
    go()
    assert [message.data["record"] for message in receiver.received] == [large.pk]


def test_failures_are_retried_with_the_same_id_and_in_order(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    hook(receiver, root, "opportunity.updated")
    deal = Samples().create("opportunity", amount=1_00)
    entries = [change(deal, amount=amount * 100) for amount in (2, 3, 4)]
    receiver.statuses = [500, 503]
    go()
    assert len(receiver.received) == 1  # the others wait for the first
    assert Delivery.objects.filter(status="waiting").count() == 3
    assert Delivery.objects.order_by("entry_id")[0].error == "status"
    for minutes in (1, 5, 30):
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            delivering.work_off()
    ids = [message.id for message in receiver.received]
    wanted = [f"evt_{entry.era}-{entry.xact}-{entry.pk}" for entry in entries]
    assert ids == [wanted[0], *wanted] or ids == [wanted[0], wanted[0], *wanted]
    assert list(dict.fromkeys(ids)) == wanted
    assert not Delivery.objects.exclude(status="done").exists()


def test_gone_switches_the_webhook_off_and_tells_its_owner(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    receiver.statuses = [410]
    Samples().create("opportunity")
    go()
    webhook.refresh_from_db()
    assert not webhook.is_active
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error) == ("dead", "gone")
    assert Notification.objects.filter(recipient=root, object="webhook", record=webhook.pk).count() == 1
    off = Entry.objects.filter(object="webhook", record=webhook.pk).latest("id")
    assert off.changes["is_active"] == [True, False] and off.cause == "webhook"

    # Switched on again, the dead one can be replayed under its old name.
    with write.change(people.actor(root), "test") as door:
        door.update("webhook", webhook.pk, {"is_active": True})
    assert replaying.replay_dead("webhooks", str(webhook.pk)) == 1
    delivering.work_off()
    assert [message.id for message in receiver.received] == [delivery.event] * 2


def test_three_days_of_failure_switch_it_off_with_one_notice(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    samples = Samples()
    samples.create("opportunity")
    receiver.statuses = [500] * 200
    go()
    now = clock.now()
    while Webhook.objects.get(pk=webhook.pk).is_active:
        now += timedelta(hours=3)
        with clock.frozen(now):
            delivering.work_off()
        assert now < clock.now() + timedelta(days=5)
    assert now - clock.now() > timedelta(days=2, hours=20)
    samples.create("opportunity")
    with clock.frozen(now + timedelta(hours=1)):
        go()
    assert Notification.objects.filter(recipient=root, object="webhook").count() == 1
    assert not Delivery.objects.filter(status="waiting").exists()


def test_a_success_in_between_begins_the_three_days_anew(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    Samples().create("opportunity")
    receiver.statuses = [500]
    go()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        delivering.work_off()
    assert Delivery.objects.get().status == "done"
    webhook.refresh_from_db()
    assert webhook.is_active and webhook.health.failing_since is None


def test_a_test_event_goes_the_same_way_even_while_switched_off(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root, is_active=False)
    client = Client()
    client.login(username="root", password="root")
    assert client.post(f"/o/webhook/{webhook.pk}/act/send_test").status_code == 303
    go()
    (message,) = receiver.received
    assert (message.data["type"], message.data["record"]) == ("webhook.test", webhook.pk)


def test_the_secret_is_shown_once_and_exchanged_with_an_overlap(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    first = act(root, webhook, "show_secret").reveal
    assert first.startswith("whsec_")
    with pytest.raises(Refused):
        act(root, webhook, "show_secret")
    second = act(root, webhook, "new_secret", keep_old=True).reveal
    assert second != first
    act(root, webhook, "send_test")
    go()
    message = receiver.received[-1]
    for secret in (first, second):
        Verifier(secret).verify(message.body, message.headers)
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert Webhook.objects.get(pk=webhook.pk).secret_in_force() == (second,)
    third = act(root, webhook, "new_secret", keep_old=False).reveal
    assert Webhook.objects.get(pk=webhook.pk).secret_in_force() == (third,)

    # Neither a screen, nor the API, nor the history gives it away.
    client = Client()
    client.login(username="root", password="root")
    for address in (f"/o/webhook/{webhook.pk}", f"/o/webhook/{webhook.pk}/edit", f"/api/v1/webhook/{webhook.pk}"):
        page = client.get(address)
        assert page.status_code == 200
        assert not any(secret.encode() in page.content for secret in (first, second, third))
    told = str(list(Entry.objects.filter(object="webhook").values_list("changes", flat=True)))
    assert not any(secret in told for secret in (first, second, third))


def test_a_secret_is_shown_in_a_dialog_and_by_the_api(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    webhook = hook(receiver, root)
    client = Client()
    client.login(username="root", password="root")
    shown = client.post(f"/o/webhook/{webhook.pk}/act/show_secret", headers={"HX-Request": "true"})
    assert shown.status_code == 200 and shown["HX-Retarget"] == "#dialog"
    assert Webhook.objects.get(pk=webhook.pk).secret_in_force()[0].encode() in shown.content
    url = f"/api/v1/webhook/{webhook.pk}/actions/new_secret"
    given = client.post(url, "{}", content_type="application/json")
    assert given.status_code == 200, given.content
    assert given.json()["reveal"] == Webhook.objects.get(pk=webhook.pk).secret_in_force()[0]


@pytest.mark.parametrize(
    ("values", "field"),
    (
        ({"events": "nothing.updated"}, "events"),
        ({"events": "opportunity.eaten"}, "events"),
        ({"events": "  "}, "events"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "http://127.0.0.1:1/"}, "url"),
        ({"url": "http://[::ffff:10.0.0.1]/"}, "url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"condition": "amount>=1", "events": "opportunity\naccount"}, "condition"),
        ({"condition": "no_such_field:1"}, "condition"),
        ({"secret": "too short"}, "secret"),
    ),
)
def test_what_cannot_work_is_refused_with_the_field(receiver: Receiver, values: dict[str, str], field: str) -> None:
    root = people.person("root", administrator=True)
    with pytest.raises(Invalid) as refused:
        hook(receiver, root, **values)
    assert field in refused.value.fields


def test_nobody_sends_with_the_permissions_of_somebody_else(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    helper = people.person("helper")
    with write.change(people.program(), "test") as door:
        role = door.create("role", {"name": "Hooks"})
    role.actions.create(object="webhook", right="administrate")  # type: ignore[attr-defined]
    helper.roles.set([role])
    registry.bump("access")
    people.refreshed()
    webhook = hook(receiver, root)
    with pytest.raises(Refused):
        hook(receiver, helper, responsible=root.pk)
    with pytest.raises(Refused), write.change(people.actor(helper), "test") as door:
        door.update("webhook", webhook.pk, {"url": "https://elsewhere.example/"})
    for key in ("show_secret", "new_secret", "send_test"):
        with pytest.raises(Refused):
            act(helper, webhook, key)
    assert hook(receiver, helper).responsible_id == helper.pk


def test_what_may_not_be_reached_is_told_and_retried(receiver: Receiver) -> None:
    root = people.person("root", administrator=True)
    hook(receiver, root)
    SecurityPolicy.objects.update(values={})
    registry.bump("access")
    people.refreshed()
    Samples().create("opportunity")
    go()
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.error) == ("waiting", "address")
    assert receiver.received == []
