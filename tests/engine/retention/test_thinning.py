"""Thinning the field history: the first and the last value of every field stay, what is young stays whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.engine import jobs, write
from guanxi.engine.job import Job
from guanxi.engine.jobs import running
from guanxi.engine.retention import policy, thinning
from guanxi.engine.retention_policy import RetentionPolicy, ThinnedChangeSet
from guanxi.journal.models import ChangeSet, Delivery, Entry
from guanxi.journal.redaction import REDACTED
from guanxi.journal.thinning import fold
from guanxi.kernel import clock, db
from guanxi.kernel.labels import Label
from tests.support import people

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
Steps = Sequence[tuple[int, int, Mapping[str, Any]]]
"""Days before now, which record, and the values it gets."""


def history(steps: Steps, records: int = 3) -> list[int]:
    """Departments created 500 days ago, then changed; ids."""
    with clock.frozen(NOW - timedelta(days=500)), write.change(people.program(), "test") as door:
        ids = [door.create("department", {"name": f"D{number}", "position": 0}).pk for number in range(records)]
    for days, number, values in steps:
        with clock.frozen(NOW - timedelta(days=days)), write.change(people.program(), "test") as door:
            door.update("department", ids[number], values)
    return ids


def thin(months: int = 6) -> Job:
    """The job of the night, done."""
    RetentionPolicy.objects.update_or_create(pk=1, defaults={"history_months": months})
    with clock.frozen(NOW):
        made = jobs.start(people.program(), thinning.KIND, {}, Label("Thin", "精简"))
        running.run(made.pk)
    made.refresh_from_db()
    assert made.status == "done", made.error
    return made


def replayed(record: int, until: datetime) -> dict[str, Any]:
    """The values of a record at a moment, from its entries alone, forward from the beginning."""
    found: dict[str, Any] = {}
    for entry in Entry.objects.filter(object="department", record=record, at__lte=until).order_by("pk"):
        found |= {key: after for key, (_before, after) in entry.changes.items()}
    return found


def taken_back(record: int, until: datetime) -> dict[str, Any]:
    """The same, backward from the end."""
    entries = Entry.objects.filter(object="department", record=record)
    found = replayed(record, NOW)
    for entry in entries.filter(at__gt=until).order_by("-pk"):
        found |= {key: before for key, (before, _after) in entry.changes.items()}
    return {key: value for key, value in found.items() if value is not None}


@pytest.mark.django_db
def test_old_changes_become_one_and_young_ones_stay() -> None:
    steps: Steps = [
        (400, 0, {"position": 1}),
        (390, 0, {"position": 2, "name": "Two"}),
        (380, 0, {"position": 3}),
        (370, 1, {"position": 9}),
        (20, 0, {"position": 4}),
        (10, 0, {"position": 5}),
    ]
    ids = history(steps)
    job = thin()
    assert job.result["counts"] == {"removed": 2, "change_sets": 2}
    kept = list(Entry.objects.filter(object="department", record=ids[0]).order_by("pk"))
    assert [(entry.verb, entry.changes.get("position")) for entry in kept] == [
        ("created", [None, 0]),
        ("updated", [0, 3]),
        ("updated", [3, 4]),
        ("updated", [4, 5]),
    ]
    assert kept[1].changes["name"] == ["D0", "Two"]
    assert thinning.thinned([kept[1].change_set_id, kept[2].change_set_id]) == {kept[1].change_set_id}
    assert ChangeSet.objects.filter(entries=None).count() == 0
    said = Entry.objects.get(object=policy.OBJECT, verb="thinned")
    assert said.changes == {"entries_removed": [None, 2], "change_sets_removed": [None, 2]}
    assert thin().result["counts"]["removed"] == 0, "what was thinned is not gone through again"


@pytest.mark.django_db
def test_a_later_run_goes_on_where_the_last_one_stopped() -> None:
    ids = history([(400, 0, {"position": 1}), (390, 0, {"position": 2}), (100, 0, {"position": 3})])
    assert thin(6).result["counts"]["removed"] == 1
    assert thin(1).result["counts"]["removed"] == 1
    entries = Entry.objects.filter(object="department", record=ids[0]).order_by("pk")
    assert [entry.changes.get("position") for entry in entries] == [[None, 0], [0, 3]]


@pytest.mark.django_db
def test_for_ever_is_for_ever() -> None:
    history([(400, 0, {"position": 1}), (390, 0, {"position": 2})])
    before = Entry.objects.count()
    assert thin(0).result["counts"]["removed"] == 0
    assert Entry.objects.count() == before


@pytest.mark.django_db
def test_what_is_needed_to_take_a_record_out_of_the_bin_stays() -> None:
    ids = history([(400, 0, {"position": 1}), (390, 0, {"position": 2})])
    with clock.frozen(NOW - timedelta(days=380)), write.change(people.program(), "test") as door:
        door.delete("department", [ids[0]])
        deleted = door.recorder.change_set
    thin()
    assert deleted is not None
    assert Entry.objects.filter(change_set=deleted, verb="deleted").count() == 1
    assert not ThinnedChangeSet.objects.filter(pk=deleted.pk).exists()
    with write.change(people.program(), "test") as door:
        door.restore("department", [ids[0]])


@pytest.mark.django_db
def test_a_change_set_that_another_one_undoes_is_marked_and_stays() -> None:
    history([(400, 0, {"position": 1}), (390, 0, {"position": 2})])
    undone = Entry.objects.filter(verb="updated").earliest("pk").change_set
    ChangeSet.objects.create(at=NOW, cause="undo", undoes=undone)
    thin()
    assert ChangeSet.objects.filter(pk=undone.pk).exists()
    assert thinning.thinned([undone.pk]) == {undone.pk}


@pytest.mark.django_db
def test_what_is_still_to_be_delivered_stays() -> None:
    history([(400, 0, {"position": 1}), (390, 0, {"position": 2})])
    entry = Entry.objects.filter(verb="updated").earliest("pk")
    Delivery.objects.create(
        consumer="webhook", target="1", entry=entry, object=entry.object, record=entry.record,
        key="k", status="dead", created_at=NOW, next_at=NOW,
    )  # fmt: skip
    assert thin().result["counts"]["removed"] == 0
    assert Delivery.objects.exists()


def test_folding_keeps_the_first_before_and_the_last_after() -> None:
    assert fold({"a": [1, 2]}, {"a": [2, 3], "b": [None, 1]}) == {"a": [1, 3], "b": [None, 1]}
    assert fold({"a": [1, 2]}, {"a": [2, 1]}) == {}
    assert fold({"a": [REDACTED, REDACTED]}, {}) == {"a": [REDACTED, REDACTED]}


_VALUES = st.fixed_dictionaries(
    {}, optional={"position": st.integers(0, 3), "name": st.sampled_from(["X", "Y", "Z"])}
).filter(bool)
_STEPS = st.lists(st.tuples(st.integers(1, 450), st.integers(0, 2), _VALUES), max_size=25)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, batch=st.integers(1, 7))
def test_the_first_the_last_and_every_young_moment_stay_true(steps: Steps, batch: int) -> None:
    """Any history, thinned in batches of any size: forward and backward the kept moments give the values they had."""
    steps = sorted(steps, key=lambda step: -step[0])
    with db.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "BATCH", batch)
        ids = history(steps)
        with clock.frozen(NOW):
            limit = thinning.cutoff(6)
        moments = [NOW - timedelta(days=500), limit]
        moments += [
            NOW - timedelta(days=days) for days, _number, _values in steps if NOW - timedelta(days=days) >= limit
        ]
        wanted = {(pk, moment): replayed(pk, moment) for pk in ids for moment in moments}
        young = list(Entry.objects.filter(at__gte=limit).order_by("pk").values_list("pk", "changes"))
        thin()
        for (pk, moment), values in wanted.items():
            assert replayed(pk, moment) == values, moment
            assert taken_back(pk, moment) == values, moment
        for pk in ids:
            old = Entry.objects.filter(object="department", record=pk, at__lt=limit)
            assert old.filter(verb="created").count() == 1
            assert old.filter(verb="updated").count() <= 1
        left = dict(Entry.objects.filter(at__gte=limit).values_list("pk", "changes"))
        assert all(left[pk] == changes for pk, changes in young)
        assert not ChangeSet.objects.filter(entries=None).exists()
        transaction.set_rollback(True)
