"""Mass changes: what can be done is done, the rest is named; all batches are one change set."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.access.actor import Actor
from guanxi.domains.customers.models import Account
from guanxi.engine import query, undo, write
from guanxi.engine.bulk import run, shown
from guanxi.engine.bulk.order import Order
from guanxi.engine.bulk.tables import BulkRun, BulkSlice
from guanxi.engine.job import Job
from guanxi.engine.jobs import running
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel.errors import GuanxiError, Invalid, NotFound, Refused
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def accounts(number: int, **values: Any) -> list[int]:
    """New accounts."""
    rows = [{"name": f"Account {index:05d}", **values} for index in range(number)]
    with write.change(people.program(), "test") as door:
        return [made.pk for made in door.create_many("account", rows)]


def administrator() -> Actor:
    return people.actor(people.person("root", administrator=True))


def tree(line: str) -> Any:
    return query.parse(line, snapshot().get("account"), people.program())


def cities(ids: list[int]) -> list[str]:
    return list(Account.objects.filter(pk__in=ids).order_by("pk").values_list("city", flat=True))


def test_a_selection_is_changed_and_undone_as_one() -> None:
    actor, ids = administrator(), accounts(5)
    made = run.begin(actor, Order("account", "update", {"city": "Suzhou"}, tuple(ids[:3])), "web")
    assert (made.total, made.done, made.rejected, made.job) == (3, 3, 0, None)
    assert cities(ids) == ["Suzhou"] * 3 + [""] * 2
    assert made.change_set is not None
    assert undo.undo(actor, made.change_set).records == 3
    assert cities(ids) == [""] * 5


def test_a_filter_is_taken_as_it_is_at_the_start() -> None:
    """Changing the field that the filter asks for must not let rows slip away."""
    actor, ids = administrator(), accounts(30, city="Wuxi")
    accounts(3, city="Suzhou")
    made = run.begin(actor, Order("account", "update", {"city": "Suzhou"}, tree=tree("city:Wuxi")), "web")
    assert (made.total, made.done) == (30, 30)
    assert made.query == "city~Wuxi"
    assert set(cities(ids)) == {"Suzhou"}


def test_what_may_not_be_changed_is_left_and_named() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    own, foreign = accounts(3, owner=seller.pk), accounts(2, owner=other.pk)
    ids = (*own, *foreign, 10**9)
    made = run.begin(people.actor(seller), Order("account", "delete", ids=ids), "web")
    assert (made.done, made.rejected) == (3, 3)
    left = shown.rejected(people.actor(seller), made)
    assert [one.record for one in left] == [*foreign, 10**9]
    # What may not be seen and what is not there are told alike, and without a name.
    assert {(one.title, one.code, one.reason) for one in left} == {("", left[0].code, left[0].reason)}
    assert left[0].code == "not_found"
    assert set(Account.objects.filter(deleted_at=None).values_list("pk", flat=True)) == set(foreign)


def test_rows_that_the_rules_refuse_are_left_out() -> None:
    actor = administrator()
    samples = Samples()
    products = [samples.create("product").pk for _ in range(3)]
    with write.change(people.program(), "test") as door:
        door.update("product", products[1], {"code": "TAKEN"})
    ids = (products[0], products[2])
    made = run.begin(actor, Order("product", "update", {"code": "NEW"}, ids), "web")
    assert (made.done, made.rejected) == (1, 1), "the second one would have the same code"
    assert "already has this value" in shown.rejected(actor, made)[0].reason


def test_where_nothing_can_be_changed_nothing_is_written() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    foreign = accounts(2, owner=other.pk)
    sets, actor = ChangeSet.objects.count(), people.actor(seller)
    with pytest.raises(NotFound) as missing:
        run.begin(actor, Order("account", "update", {"city": "X"}, tuple(foreign)), "web")
    assert missing.value.message.startswith("Nothing was changed. ")
    with pytest.raises(Invalid) as error:
        run.begin(actor, Order("account", "update", {"level": "zzz"}, tuple(foreign)), "web")
    assert list(error.value.fields) == ["level"]
    with pytest.raises(Invalid):
        run.begin(actor, Order("account", "update", {}, tuple(foreign)), "web")
    with pytest.raises(Invalid):
        run.begin(actor, Order("account", "update", {"city": "X"}, tree=tree("city:Nowhere")), "web")
    assert ChangeSet.objects.count() == sets
    assert not BulkRun.objects.exists()


def test_the_right_to_mass_updates_is_needed_for_more_than_one() -> None:
    seller = people.person("seller", "salesperson")
    ids = accounts(2, owner=seller.pk)
    actor = people.actor(seller)
    narrow = Actor(**{**vars_of(actor), "allowed": frozenset({"read", "edit"})})
    with pytest.raises(Refused):
        run.begin(narrow, Order("account", "update", {"city": "X"}, tuple(ids)), "api")
    assert run.begin(narrow, Order("account", "update", {"city": "X"}, tuple(ids[:1])), "api").done == 1


def vars_of(actor: Actor) -> dict[str, Any]:
    return {name: getattr(actor, name) for name in actor.__dataclass_fields__}


def tags_of(pk: int) -> set[int]:
    return set(Link.objects.filter(object="account", record=pk, field="tags").values_list("target", flat=True))


def test_tags_are_added_and_removed_beside_those_there_are() -> None:
    actor, ids = administrator(), accounts(2)
    samples = Samples()
    red, green, blue = (samples.create("tag", name=name).pk for name in ("red", "green", "blue"))
    with write.change(people.program(), "test") as door:
        door.update("account", ids[0], {"tags": (red,)})
    made = run.begin(actor, Order("account", "add", {"tags": [green, blue]}, tuple(ids)), "web")
    assert [tags_of(pk) for pk in ids] == [{red, green, blue}, {green, blue}]
    run.begin(actor, Order("account", "remove", {"tags": [blue, red]}, tuple(ids)), "web")
    assert [tags_of(pk) for pk in ids] == [{green}, {green}]
    with pytest.raises(Invalid, match="Some values"):
        run.begin(actor, Order("account", "add", {"city": "X"}, tuple(ids)), "web")
    assert made.change_set is not None


def test_delete_and_restore_by_filter() -> None:
    actor, ids = administrator(), accounts(4, city="Wuxi")
    run.begin(actor, Order("account", "delete", tree=tree("city:Wuxi")), "web")
    assert not Account.objects.filter(pk__in=ids, deleted_at=None).exists()
    made = run.begin(actor, Order("account", "restore", tree=tree("city:Wuxi")), "web")
    assert made.done == 4
    assert Account.objects.filter(pk__in=ids, deleted_at=None).count() == 4


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few records are many here, and a batch is small."""
    monkeypatch.setattr(run, "AT_ONCE", 5)
    monkeypatch.setattr(run, "BATCH", 4)


def test_many_are_changed_by_a_job_as_one_change_set(small: None) -> None:
    actor, ids = administrator(), accounts(11, city="Wuxi")
    made = run.begin(actor, Order("account", "update", {"city": "Suzhou"}, tree=tree("city:Wuxi")), "web")
    assert made.job is not None and made.done == 0
    assert cities(ids) == ["Wuxi"] * 11
    # What changes meanwhile neither joins nor leaves.
    late = accounts(1, city="Wuxi")
    with write.change(people.program(), "test") as door:
        door.update("account", ids[0], {"city": "Elsewhere"})
        door.delete("account", [ids[1]])
    running.run(made.job)
    job = Job.objects.get(pk=made.job)
    made.refresh_from_db()
    assert (job.status, job.error, job.done) == ("done", "", 11)
    assert (made.done, made.rejected) == (10, 1)
    assert job.result["counts"] == {"records": 10, "refused": 1} and job.result["address"] == f"/bulk/{made.pk}"
    assert cities([ids[0], *ids[2:], *late]) == ["Suzhou"] * 10 + ["Wuxi"]
    assert set(Entry.objects.filter(verb="updated", cause="web").values_list("change_set", flat=True)) == {
        made.change_set
    }
    assert not BulkSlice.objects.exists()
    assert made.change_set is not None
    undo.undo(actor, made.change_set)
    assert cities([ids[0], *ids[2:]]) == ["Elsewhere"] + ["Wuxi"] * 9


def test_a_cancelled_job_keeps_what_it_did_to_be_undone(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, ids = administrator(), accounts(12)
    made = run.begin(actor, Order("account", "update", {"city": "Suzhou"}, tuple(ids)), "web")
    assert made.job is not None
    _stop_after(monkeypatch, 2, lambda: Job.objects.filter(pk=made.job).update(cancel_requested=True))
    running.run(made.job)
    assert Job.objects.get(pk=made.job).status == "cancelled"
    assert cities(ids) == ["Suzhou"] * 8 + [""] * 4
    made.refresh_from_db()
    assert shown.state(made) == "cancelled" and made.change_set is not None
    undo.undo(actor, made.change_set)
    assert cities(ids) == [""] * 12


def test_a_change_undone_while_it_goes_on_goes_no_further(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, ids = administrator(), accounts(12)
    made = run.begin(actor, Order("account", "update", {"city": "Suzhou"}, tuple(ids)), "web")
    assert made.job is not None

    def take_back() -> None:
        change_set = BulkRun.objects.get(pk=made.pk).change_set
        assert change_set is not None
        undo.undo(actor, change_set)

    _stop_after(monkeypatch, 1, take_back)
    running.run(made.job)
    job = Job.objects.get(pk=made.job)
    assert job.status == "failed" and "undone" in job.error
    assert cities(ids) == [""] * 12


def _stop_after(monkeypatch: pytest.MonkeyPatch, batches: int, then: Any) -> None:
    """Do something between two batches."""
    before = run._step
    count = iter(range(1, 1000))

    def step(context: Any, found: BulkRun, part: BulkSlice) -> None:
        before(context, found, part)
        if next(count) == batches:
            monkeypatch.setattr(run, "_step", before)
            later = context.check_cancelled
            context.check_cancelled = lambda: (then(), later())

    monkeypatch.setattr(run, "_step", step)


def test_only_its_starter_and_administrators_see_a_run() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    own = tuple(accounts(1, owner=seller.pk))
    made = run.begin(people.actor(seller), Order("account", "update", {"city": "X"}, own), "web")
    assert shown.find(people.actor(seller), made.pk) == made
    assert shown.find(administrator(), made.pk) == made
    with pytest.raises(GuanxiError):
        shown.find(people.actor(other), made.pk)


def test_old_runs_are_swept() -> None:
    actor = administrator()
    made = run.begin(actor, Order("account", "update", {"city": "X"}, tuple(accounts(1))), "web")
    assert shown.sweep() == 0
    BulkRun.objects.filter(pk=made.pk).update(created_at=made.created_at - 2 * shown.KEPT)
    assert shown.sweep() == 1
