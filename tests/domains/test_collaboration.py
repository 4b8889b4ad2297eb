"""Follow-ups fill in what can be known and keep the contact dates; tasks know when they were done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.domains.collaboration.models import Activity, Task
from guanxi.domains.customers.models import Account, Contact
from guanxi.domains.sales.models import Lead, Opportunity
from guanxi.engine import write
from guanxi.kernel import clock
from guanxi.kernel.errors import Invalid
from tests.domains.pipelines import act, change, create, standard
from tests.support import people

pytestmark = pytest.mark.django_db


def test_a_follow_up_on_an_opportunity_reaches_account_and_contact() -> None:
    standard()
    account = create("account", name="Northwind")
    contact = create("contact", name="Ann", account=account.pk)
    deal = create("opportunity", name="Deal", account=account.pk, contact=contact.pk)
    day = clock.today() + timedelta(days=3)
    made = create(
        "activity", kind="call", content="First line\nmore", about=f"opportunity:{deal.pk}", next_contact_on=day
    )
    found = Activity.objects.get(pk=made.pk)
    assert (found.account_id, found.contact_id, found.subject) == (account.pk, contact.pk, "First line")
    for model, pk in ((Account, account.pk), (Contact, contact.pk), (Opportunity, deal.pk)):
        record = model.objects.get(pk=pk)
        assert (record.last_contacted_at, record.next_contact_on) == (found.happened_at, day)


def test_about_an_account_or_a_contact_names_it() -> None:
    account = create("account", name="Northwind")
    contact = create("contact", name="Ann", account=account.pk)
    first = Activity.objects.get(pk=create("activity", kind="note", content="a", about=f"account:{account.pk}").pk)
    second = Activity.objects.get(pk=create("activity", kind="note", content="b", about=f"contact:{contact.pk}").pk)
    assert (first.account_id, first.contact_id) == (account.pk, None)
    assert (second.account_id, second.contact_id) == (account.pk, contact.pk)


def test_a_note_is_no_contact_and_a_deleted_follow_up_counts_no_longer() -> None:
    lead = create("lead", name="Ann")
    create("activity", kind="note", content="internal", about=f"lead:{lead.pk}")
    assert Lead.objects.get(pk=lead.pk).last_contacted_at is None
    early = clock.now() - timedelta(days=4)
    create("activity", kind="call", content="x", about=f"lead:{lead.pk}", happened_at=early)
    late = create("activity", kind="call", content="y", about=f"lead:{lead.pk}")
    assert Lead.objects.get(pk=lead.pk).last_contacted_at > early
    with write.change(people.program(), "test") as door:
        door.delete("activity", [late.pk])
    assert Lead.objects.get(pk=lead.pk).last_contacted_at == early


def test_a_contact_clears_a_next_contact_that_has_come_but_not_one_to_come() -> None:
    today = clock.today()
    due = create("account", name="Due", next_contact_on=today)
    later = create("account", name="Later", next_contact_on=today + timedelta(days=9))
    for account in (due, later):
        create("activity", kind="visit", content="x", account=account.pk)
    assert Account.objects.get(pk=due.pk).next_contact_on is None
    assert Account.objects.get(pk=later.pk).next_contact_on == today + timedelta(days=9)


def test_a_new_follow_up_does_not_read_the_ones_before_it() -> None:
    account = create("account", name="Northwind")
    new = {"kind": "call", "content": "x", "account": account.pk}
    for day in (1, 2):
        create("activity", **new, happened_at=clock.now() - timedelta(days=day))
    before = Account.objects.get(pk=account.pk).last_contacted_at
    with CaptureQueriesContext(connection) as asked:
        create("activity", **new, happened_at=clock.now() - timedelta(days=3))
        create("activity", **{**new, "kind": "note"})
    assert not [one for one in asked.captured_queries if 'FROM "collaboration_activity"' in one["sql"]]
    assert Account.objects.get(pk=account.pk).last_contacted_at == before
    newest = create("activity", **new)
    assert Account.objects.get(pk=account.pk).last_contacted_at > before
    change("activity", newest.pk, kind="note")
    assert Account.objects.get(pk=account.pk).last_contacted_at == before


def test_queries_do_not_grow_with_the_follow_ups(django_assert_max_num_queries) -> None:
    accounts = [create("account", name=f"A{number}") for number in range(40)]
    rows = [{"kind": "call", "content": "x", "account": account.pk} for account in accounts]
    with django_assert_max_num_queries(45), write.change(people.program(), "test") as door:
        door.create_many("activity", rows)
    assert Account.objects.filter(last_contacted_at=None).count() == 0


def test_a_task_knows_when_it_was_done() -> None:
    task = create("task", subject="Call back", due_on=clock.today())
    act("task", task.pk, "complete")
    done = Task.objects.get(pk=task.pk)
    assert done.status == "done" and done.completed_at is not None
    act("task", task.pk, "reopen")
    assert Task.objects.get(pk=task.pk).completed_at is None


def test_a_contact_is_named_by_its_parts_in_local_order() -> None:
    chinese = create("contact", family_name="王", given_name="小明")
    english = create("contact", family_name="Lee", given_name="Ann")
    given = create("contact", name="The Boss")
    assert [Contact.objects.get(pk=c.pk).name for c in (chinese, english, given)] == ["王小明", "Ann Lee", "The Boss"]
    change("contact", english.pk, family_name="Smith")
    assert Contact.objects.get(pk=english.pk).name == "Ann Smith"
    with pytest.raises(Invalid):
        create("contact", job_title="Nobody")


def test_trees_have_no_circles() -> None:
    top = create("account", name="Top")
    below = create("account", name="Below", parent=top.pk)
    with pytest.raises(Invalid) as caught:
        change("account", top.pk, parent=below.pk)
    assert set(caught.value.fields) == {"parent"}
