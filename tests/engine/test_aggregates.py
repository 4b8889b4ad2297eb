"""Kept counts and sums equal those of the records, for everybody and after everything that changes records."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.setup import ensure_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.engine import query, read, summaries, write
from guanxi.engine.aggregates import keeping, upkeep
from guanxi.engine.aggregates.tables import AggregateRow, AggregateState
from guanxi.engine.job import Job
from guanxi.engine.jobs.running import run
from guanxi.engine.query import Tree
from guanxi.engine.summaries import Summary
from guanxi.engine.undo import undo
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Invalid, QueryError
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from tests.access.test_agreement import Company
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db

QUESTIONS = (
    ("", "stage", "amount,weighted"),
    ("status:open", "stage", "amount"),
    ("", "close_on:month", "amount"),
    ("", "owner,close_on:month", "weighted"),
    ("", "stage,owner,close_on:month", "amount,weighted"),
    ("status:open,lost", "close_on:quarter", "amount"),
    ("close_on:2030", "stage", "amount"),
    ("close_on>=2030-02 close_on<2030-11", "", "amount"),
    ("closed_on:2030-03 status:won", "", "amount"),
    ("owner:me", "stage", "amount"),
    ("", "close_on:year", ""),
    ("", "closed_on:month,status", "amount"),
)


@pytest.fixture
def kind() -> ObjectType:
    return snapshot().get("opportunity")


def build(kind: ObjectType) -> None:
    for aggregate in kind.declaration.aggregates:
        upkeep.check(kind, aggregate)


def wrong(kind: ObjectType) -> int:
    return sum(upkeep.differences(kind, aggregate) for aggregate in kind.declaration.aggregates)


def asked(actor: Actor, line: str, by: str, sums: str, *, live: bool = False) -> Summary:
    kind = snapshot().get("opportunity")
    tree = query.parse(line, kind, actor) if line else None
    parts = [summaries.part_of(actor, kind, one) for one in by.split(",") if one]
    return summaries.summarise(actor, "opportunity", tree, parts, [one for one in sums.split(",") if one], live=live)


def found(summary: Summary) -> list[Any]:
    return [
        summary.totals,
        list(summary.groups.items()),
    ]


class Deals:
    """Random changes of deals."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        with write.change(people.program(), "test") as door:
            ensure_pipeline(door)
        stages = Stage.objects.filter(deleted_at=None, pipeline__isnull=False).exclude(
            required_fields__contains="contact"
        )
        self.stages = list(stages.values_list("pk", "pipeline_id", "category"))
        self.people = [*User.objects.values_list("pk", flat=True), None]

    def values(self) -> dict[str, Any]:
        rng = self.rng
        stage, pipeline, category = rng.choice(self.stages)
        found: dict[str, Any] = {
            "pipeline": pipeline,
            "stage": stage,
            "amount": rng.choice([None, 0, 12_300, 99_999_999]),
            "currency": rng.choice(["CNY", "USD", "JPY"]),
            "owner": rng.choice(self.people),
            "close_on": rng.choice([None, date(2030, rng.randint(1, 12), 28), date(2031, 1, 31)]),
        }
        if category != "open":
            found |= {"closed_on": date(2030, rng.randint(1, 4), 9), "lost_reason": "price"}
            found["amount"] = found["amount"] or 100
        return found

    def act(self) -> None:
        """One change of one of the ways there are; some are refused, and then change nothing."""
        with suppress(Invalid):
            self._act()

    def _act(self) -> None:
        rng, program = self.rng, people.program()
        live = list(Opportunity.objects.filter(deleted_at=None).values_list("pk", flat=True))
        gone = list(Opportunity.objects.exclude(deleted_at=None).values_list("pk", flat=True))
        some = rng.sample(live, min(len(live), rng.randint(1, 4)))
        with write.change(program, "test") as door:
            match rng.randrange(6):
                case 0:
                    account = Samples().record("account")
                    rows = [{"name": f"D{n}", "account": account, **self.values()} for n in range(rng.randint(1, 5))]
                    door.create_many("opportunity", rows)
                case 1:
                    door.update_each("opportunity", {pk: self.values() for pk in some})
                case 2:
                    door.update_many("opportunity", some, {"owner": rng.choice(self.people)})
                case 3:
                    door.delete("opportunity", some)
                case 4 if gone:
                    door.restore("opportunity", gone[:2])
                case _:
                    door.update_many("opportunity", some, {"next_step": f"call {rng.random()}"})
        if rng.random() < 0.3 and door.change_set:
            undo(program, door.change_set)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_the_kept_sums_are_those_of_the_records(seed: int, kind: ObjectType) -> None:
    company = Company(seed)
    deals = Deals(seed)
    build(kind)
    for step in range(25):
        deals.act()
        assert wrong(kind) == 0, step
    for aggregate in kind.declaration.aggregates[:2]:
        upkeep.compact(kind, aggregate)
    kept = 0
    for person in [*company.model.people, None]:
        actor = actor_for(User.objects.get(pk=person)) if person else people.program()
        if not actor.can("read", "opportunity"):
            continue
        for line, by, sums in QUESTIONS:
            summary = asked(actor, line, by, sums)
            assert found(summary) == found(asked(actor, line, by, sums, live=True)), (person, line, by)
            kept += summary.kept
        board = read.board(actor, "opportunity", None)
        for column in board.columns:
            rows = read.page(actor, "opportunity", read.Listing(query=_in(column.value, actor), size=500)).rows
            assert column.count == len(rows), column.label
    assert kept > 20


def _in(stage: str, actor: Actor) -> Tree | None:
    return query.parse(f"stage:#{stage}", snapshot().get("opportunity"), actor)


def test_what_was_kept_for_another_question_is_not_read(kind: ObjectType) -> None:
    deals = Deals(1)
    for _step in range(6):
        deals.act()
    build(kind)
    program = people.program()
    assert asked(program, "", "stage", "amount").kept
    for line, by in (
        ("amount>=100", "stage"),
        ("stage:Won", "stage"),
        ("close_on>=2030-02-02", ""),
        ("status:open or status:won", "stage"),
        ("", "source"),
        ("", "close_on:day"),
        ("", "created_at:month"),
        ("account.level:a", "stage"),
    ):
        assert not asked(program, line, by, "amount").kept, (line, by)
    AggregateState.objects.update(shape="another")
    assert not asked(program, "", "stage", "amount").kept


def test_what_was_written_past_the_door_is_found_and_put_right(kind: ObjectType) -> None:
    deals = Deals(2)
    for _step in range(8):
        deals.act()
    build(kind)
    Opportunity.objects.create(name="past the door", amount=500, currency="CNY", created_at=clock.now(),
                               updated_at=clock.now())  # fmt: skip
    assert wrong(kind) == len(kind.declaration.aggregates)
    job = upkeep.check_all()
    run(job.pk)
    assert Job.objects.get(pk=job.pk).result["counts"] == {"groups": 4}
    assert wrong(kind) == 0
    assert set(AggregateState.objects.values_list("mended", flat=True)) == {1}


def test_until_it_is_built_the_records_are_added_up(kind: ObjectType) -> None:
    deals = Deals(3)
    for _step in range(6):
        deals.act()
    program = people.program()
    before = asked(program, "", "stage", "amount")
    assert not before.kept
    upkeep.tend()
    upkeep.tend()
    job = Job.objects.get(kind=upkeep.KIND)
    run(job.pk)
    assert found(asked(program, "", "stage", "amount")) == found(before)
    assert asked(program, "", "stage", "amount").kept
    keeping.distrust(kind)
    assert not asked(program, "", "stage", "amount").kept


def test_putting_rows_together_loses_nothing(kind: ObjectType, monkeypatch: pytest.MonkeyPatch) -> None:
    deals = Deals(4)
    build(kind)
    for _step in range(30):
        deals.act()
    before = [found(asked(people.program(), "", by, "amount")) for by in ("stage", "close_on:month", "closed_on:month")]
    rows = AggregateRow.objects.count()
    monkeypatch.setattr(upkeep, "GROWN", 0)
    upkeep.tend()
    assert AggregateRow.objects.count() < rows
    assert wrong(kind) == 0
    after = [found(asked(people.program(), "", by, "amount")) for by in ("stage", "close_on:month", "closed_on:month")]
    assert after == before


def test_too_much_and_the_impossible_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    program = people.program()
    deals = Deals(5)
    for _step in range(20):
        deals.act()
    with pytest.raises(QueryError, match="cannot be grouped by"):
        asked(program, "", "name", "")
    with pytest.raises(QueryError, match="no period"):
        asked(program, "", "close_on:decade", "")
    with pytest.raises(QueryError, match="cannot be added up"):
        asked(program, "", "stage", "probability")
    with pytest.raises(QueryError, match="at most 3"):
        asked(program, "", "stage,owner,status,source", "")
    monkeypatch.setattr(summaries, "MOST_GROUPS", 1)
    with pytest.raises(QueryError, match="more than 1 groups"):
        asked(program, "", "owner,close_on:month", "")


def test_kept_sums_are_read_from_their_index_alone(kind: ObjectType) -> None:
    build(kind)
    company = Company(3)
    person = next(pk for pk in company.model.people if actor_for(User.objects.get(pk=pk)).can("read", "opportunity"))
    actor = actor_for(User.objects.get(pk=person))
    with CaptureQueriesContext(db.connection()) as captured:
        asked(actor, "status:open", "stage", "amount,weighted")
    sums = [one["sql"] for one in captured if "engine_aggregaterow" in one["sql"]]
    assert len(sums) == 1
    with db.cursor() as cursor:
        if db.is_postgresql():
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {'' if db.is_postgresql() else 'QUERY PLAN '}{sums[0]}")
        plan = str(cursor.fetchall())
    assert "engine_aggregaterow_groups" in plan
    assert ("Index Only Scan" if db.is_postgresql() else "COVERING INDEX") in plan
