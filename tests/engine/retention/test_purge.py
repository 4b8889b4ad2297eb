"""Emptying the recycle bin: what belongs to a record goes with it, what others point to stays, in bounded statements."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.models import AuditEvent, Grant, User
from guanxi.domains.catalog.models import Product
from guanxi.domains.customers.models import Account, Contact
from guanxi.domains.sales.models import Opportunity, OpportunityLine, StageChange
from guanxi.engine import files, jobs, notifications, recent, write
from guanxi.engine.job import Job
from guanxi.engine.jobs import running
from guanxi.engine.models import Notification, Recent, StoredFile
from guanxi.engine.retention import emptying, nightly, policy, removal
from guanxi.journal.models import Entry
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, Invalid, NotFound, Refused
from guanxi.kernel.labels import Label
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot
from tests.domains import pipelines
from tests.support import people
from tests.support.samples import Samples


def binned(key: str, *ids: int, days: int = 0) -> None:
    """Put records into the bin, so many days ago."""
    with clock.frozen(clock.now() - timedelta(days=days)), write.change(people.program(), "test") as door:
        door.delete(key, ids)


def nightly_run() -> Job:
    """The job of the night, done."""
    made = jobs.start(people.program(), emptying.KIND, {}, Label("Bin", "回收站"))
    running.run(made.pk)
    made.refresh_from_db()
    assert made.status == "done", made.error
    return made


@pytest.mark.django_db(transaction=True)
def test_a_record_goes_with_everything_that_belongs_to_it() -> None:
    samples, boss = Samples(), people.person("boss", administrator=True)
    pipeline = pipelines.standard()
    product = samples.create("product", name="Crane")
    tag = samples.create("tag", name="Hot")
    values = {
        "pipeline": pipeline.pipeline,
        "stage": pipeline.stages["Contacted"],
        "name": "Zq deal",
        "tags": (tag.pk,),
    }
    deal = samples.create("opportunity", **values)
    samples.create("opportunity_line", opportunity=deal.pk, product=product.pk)
    stored = files.attach(people.actor(boss), "opportunity", deal.pk, "offer.txt", io.BytesIO(b"x"), 1)
    notifications.notify([boss.pk], Label("Zq deal", "Zq"), "opportunity", deal.pk)
    recent.touch(people.actor(boss), "opportunity", deal.pk)
    Grant.objects.create(
        object="opportunity", record=deal.pk, principal_kind="user", principal=boss.pk, level="read", cause="manual",
        created_at=clock.now(),
    )  # fmt: skip
    assert StageChange.objects.filter(opportunity=deal.pk).exists()
    binned("opportunity", deal.pk)
    done = removal.purge(people.actor(boss), "opportunity", [deal.pk], "web")
    assert (done.removed, done.kept) == (1, 0)
    assert not Opportunity.objects.filter(pk=deal.pk).exists()
    assert not OpportunityLine.objects.exists()
    assert not StageChange.objects.filter(opportunity_id=deal.pk).exists()
    for model in (Grant, Notification, Recent, StoredFile, Link):
        beside: Any = model
        assert not beside.objects.filter(object="opportunity", record=deal.pk).exists(), model
    assert not default_storage.exists(stored.path)
    assert Product.objects.filter(pk=product.pk).exists(), "what it pointed to stays"
    entry = Entry.objects.get(object="opportunity", record=deal.pk, verb="purged")
    assert (entry.changes, entry.actor, entry.change_set.note) == ({}, boss.pk, "")
    assert Entry.objects.filter(object="opportunity_line", verb="purged").count() == 1
    assert AuditEvent.objects.get(event="purged").record == deal.pk


@pytest.mark.django_db(transaction=True)
def test_files_stay_on_disk_if_the_purge_is_rolled_back() -> None:
    boss = people.person("boss", administrator=True)
    account = Samples().create("account")
    stored = files.attach(people.actor(boss), "account", account.pk, "offer.txt", io.BytesIO(b"x"), 1)
    binned("account", account.pk)
    with pytest.raises(ZeroDivisionError), db.atomic():
        removal.purge(people.actor(boss), "account", [account.pk], "web")
        raise ZeroDivisionError
    assert default_storage.exists(stored.path)
    assert StoredFile.objects.filter(pk=stored.pk).exists()
    assert Account.objects.filter(pk=account.pk).exists()


@pytest.mark.django_db
def test_what_a_record_outside_the_bin_or_newer_in_it_points_to_is_kept_and_counted() -> None:
    samples = Samples()
    pointed, free, young = (samples.create("account", name=name) for name in ("Pointed", "Free", "Young"))
    contact = samples.create("contact", name="Keeper", account=pointed.pk)
    samples.create("contact", name="Newer", account=young.pk)
    binned("account", pointed.pk, free.pk, young.pk, days=40)
    binned("contact", *Contact.objects.filter(name="Newer").values_list("pk", flat=True), days=1)
    job = nightly_run()
    assert job.result["counts"] == {"removed": 1, "kept": 2}
    assert set(Account.objects.values_list("name", flat=True)) == {"Pointed", "Young"}
    with pytest.raises(Conflict):
        removal.purge(people.actor(people.person("boss", administrator=True)), "account", [pointed.pk], "web")
    with write.change(people.program(), "test") as door:
        door.update("contact", contact.pk, {"account": None})
    assert nightly_run().result["counts"] == {"removed": 1, "kept": 1}


@pytest.mark.django_db
def test_records_that_point_to_each_other_go_together() -> None:
    samples = Samples()
    first = samples.create("contact", name="First")
    second = samples.create("contact", name="Second", reports_to=first.pk)
    third = samples.create("contact", name="Third", reports_to=second.pk)
    binned("contact", first.pk, second.pk, days=40)
    # The third is alive: it keeps the second, which keeps the first.
    assert nightly_run().result["counts"] == {"removed": 0, "kept": 2}
    binned("contact", third.pk, days=40)
    assert nightly_run().result["counts"] == {"removed": 3, "kept": 0}


@pytest.mark.django_db
def test_the_days_are_the_companys_choice_and_zero_is_never() -> None:
    samples, boss = Samples(), people.person("boss", administrator=True)
    account = samples.create("account")
    binned("account", account.pk, days=29)
    assert nightly_run().result["counts"]["removed"] == 0
    with write.change(people.actor(boss), "web") as door:
        policy.change(door, {"recycle_bin_days": "0"})
    with clock.frozen(clock.now() + timedelta(days=4000)):
        assert nightly_run().result["counts"]["removed"] == 0
        nightly.start()
        assert not Job.objects.filter(status="queued").exists()
    with write.change(people.actor(boss), "web") as door:
        policy.change(door, {"recycle_bin_days": 7})
    nightly.start()
    nightly.start()
    assert Job.objects.filter(status="queued", kind=emptying.KIND, started_by=None).count() == 1
    assert nightly_run().result["counts"]["removed"] == 1
    entry = Entry.objects.filter(object=policy.OBJECT).latest("pk")
    assert entry.changes == {"recycle_bin_days": [0, 7]}
    for wrong in ({"recycle_bin_days": -1}, {"recycle_bin_days": "x"}, {"history_months": True}, {"other": 1}):
        with pytest.raises(Invalid), write.change(people.actor(boss), "web") as door:
            policy.change(door, wrong)


@pytest.mark.django_db
def test_by_hand_it_takes_the_right_to_administrate_and_a_record_in_the_bin() -> None:
    samples, boss = Samples(), people.person("boss", administrator=True)
    account = samples.create("account")
    with pytest.raises(Conflict):
        removal.purge(people.actor(boss), "account", [account.pk], "web")
    with pytest.raises(NotFound):
        removal.purge(people.actor(boss), "account", [account.pk + 1000], "web")
    binned("account", account.pk)
    seller = people.person("ann", "sales_manager")
    with pytest.raises(Refused):
        removal.purge(people.actor(seller), "account", [account.pk], "web")
    with pytest.raises(Refused):
        removal.purge(people.actor(boss), "user", [seller.pk], "web")
    assert removal.purge(people.actor(boss), "account", [account.pk], "web").removed == 1


@pytest.mark.django_db
def test_people_departments_and_logs_are_never_removed() -> None:
    kinds = {kind.key for kind in emptying.in_order()}
    assert not {"user", "department", "audit_event", "stage_change"} & kinds
    order = [kind.key for kind in emptying.in_order()]
    assert order.index("opportunity_line") < order.index("opportunity") < order.index("account")
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_no_statement_looks_at_a_whole_table() -> None:
    samples = Samples()
    for number in range(30):
        samples.create("account", name=f"A{number}")
    rows = emptying.due(snapshot().get("account"), clock.now(), 0).values_list("pk", flat=True)[: emptying.BATCH]
    if db.is_postgresql():
        with db.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.explain()
    wanted = ("customers_account_pkey",) if db.is_postgresql() else ("INTEGER PRIMARY KEY (rowid>? AND rowid<?)",)
    assert any(word in plan for word in wanted), plan
    assert "Seq Scan" not in plan and "SCAN customers" not in plan, plan


@pytest.mark.django_db
def test_the_number_of_statements_does_not_grow_with_the_records() -> None:
    samples = Samples()

    def statements(number: int) -> int:
        ids = [samples.create("account", name=f"A{index}").pk for index in range(number)]
        binned("account", *ids)
        with CaptureQueriesContext(db.connection()) as captured, write.change(people.program(), "test") as door:
            assert removal.remove(door, snapshot().get("account"), ids).removed == number
        return len(captured)

    statements(2)
    assert statements(30) == statements(90)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pointers=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=10),
    dead=st.sets(st.integers(0, 7)),
)
def test_exactly_what_nothing_left_points_to_is_removed(pointers: list[tuple[int, int]], dead: set[int]) -> None:
    """Contacts that report to each other at random: the model keeps whatever a kept one points to, and nothing else."""
    with db.atomic():
        samples = Samples()
        ids = [samples.create("contact", name=f"C{number}").pk for number in range(8)]
        above: dict[int, int] = {low: high for low, high in pointers if low > high}
        for low, high in above.items():
            with write.change(people.program(), "test") as door:
                door.update("contact", ids[low], {"reports_to": ids[high]})
        binned("contact", *[ids[number] for number in sorted(dead)], days=40)
        kept = set(range(8)) - dead
        while more := {above[low] for low in kept if low in above} - kept:
            kept |= more
        with pytest.MonkeyPatch.context() as patch:
            # What points over the end of one stretch of ids into the next goes a night later.
            patch.setattr(emptying, "SPAN", 10**9)
            job = nightly_run()
        assert job.result["counts"] == {"removed": 8 - len(kept), "kept": len(kept & dead)}
        assert set(Contact.objects.values_list("pk", flat=True)) == {ids[number] for number in kept}
        from django.db import transaction

        transaction.set_rollback(True)
