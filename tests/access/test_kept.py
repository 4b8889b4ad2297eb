"""What follows from stages, people and departments is kept in memory, and is never older than the rights of the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from guanxi.access import compiled, granted, kept
from guanxi.access.actor import Actor, actor_for
from guanxi.access.granted import FEW
from guanxi.access.models import Grant, User
from guanxi.access.visibility import named, visible
from guanxi.domains.sales.setup import ensure_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.domains.sales.stage_book import StageBook
from guanxi.engine import write
from guanxi.engine.labels import labels_for
from guanxi.kernel import bulk, clock, db
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def department() -> int:
    with write.change(people.program(), "test") as door:
        return int(door.create("department", {"name": "North"}).pk)


def name_of(actor: Actor, pk: int) -> str | None:
    return labels_for(actor, {"department": {pk}}).get(("department", pk))


def asked(action: Callable[[], object]) -> int:
    """How many statements an action sends."""
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        action()
    return len(sent)


def next_request() -> Actor:
    """The actor of a request that begins now."""
    compiled.ensure(registry.versions().get("access", 0))
    return actor_for(User.objects.get(username="lee"))


def test_a_name_is_asked_for_once_until_it_changes(department: int) -> None:
    people.person("lee", "salesperson")
    actor = next_request()
    assert asked(lambda: name_of(actor, department)) == 1
    again = next_request()
    assert asked(lambda: name_of(again, department)) == 0 and name_of(again, department) == "North"
    with write.change(people.program(), "test") as door:
        door.update("department", department, {"name": "South"})
    assert name_of(next_request(), department) == "South"
    with write.change(people.program(), "test") as door:
        door.delete("department", [department])
    kind = snapshot().get("department")
    assert kept.is_kept(kind)
    assert named(next_request(), kind, [department], live=True) == []
    assert name_of(next_request(), department) == "South", "records still point to it"


def test_what_is_rolled_back_is_seen_by_nobody_else(department: int) -> None:
    people.person("lee", "salesperson")
    actor = next_request()
    assert name_of(actor, department) == "North"
    with pytest.raises(ZeroDivisionError), write.change(people.program(), "test") as door:
        door.update("department", department, {"name": "South"})
        new = door.create("department", {"name": "East"}).pk
        assert (name_of(actor, department), name_of(actor, new)) == ("South", "East"), "as the transaction sees it"
        raise ZeroDivisionError
    assert (name_of(actor, department), name_of(actor, new)) == ("North", None)
    assert (name_of(next_request(), department), name_of(next_request(), new)) == ("North", None)


def test_a_savepoint_taken_back_takes_its_mark_back(department: int) -> None:
    with db.atomic():
        with pytest.raises(ZeroDivisionError), db.atomic():
            kept.changed(snapshot().get("department"))
            assert db.marked("kept")
            raise ZeroDivisionError
        assert not db.marked("kept")
        kept.changed(snapshot().get("account"))
        assert not db.marked("kept"), "accounts are many, and not open to everybody"
    kept.changed(snapshot().get("department"))
    assert not db.marked("kept"), "outside a transaction nothing can be rolled back"


def test_a_replica_and_the_past_tell_nothing_that_is_kept(department: int) -> None:
    people.person("lee", "salesperson")
    actor = next_request()
    assert kept.store(actor) is actor.access.memo
    with db.replica():
        assert kept.store(actor) is not actor.access.memo
    assert kept.store(replace(actor, past=clock.now())) is not actor.access.memo


def test_the_stages_are_read_once_and_one_in_the_bin_on_top() -> None:
    with write.change(people.program(), "test") as door:
        ensure_pipeline(door)
    people.person("lee", "salesperson")
    actor = next_request()
    book = StageBook.load(actor)
    assert asked(lambda: StageBook.load(actor)) == 0
    gone = next(iter(book.stages))
    with write.change(people.program(), "test") as door:
        door.delete("stage", [gone])
    actor = next_request()
    assert gone not in StageBook.load(actor).stages and gone in StageBook.load(actor, [gone, None]).stages
    assert gone not in StageBook.load(actor).stages, "what one write mentions is not kept for others"
    assert Stage.objects.get(pk=gone).deleted_at is not None


def test_grants_for_reading_and_writing_are_looked_up_at_once() -> None:
    """Also where there are too many to name for reading, and few for writing."""
    lee = people.person("lee", "salesperson", department=people.department("North"))
    kind = snapshot().get("account")

    def open_to(level: str, first: int, last: int, **more: Any) -> None:
        made = {"principal_kind": "user", "principal": lee.pk, "cause": "manual", "created_at": clock.now()} | more
        bulk.insert([Grant(object="account", record=n, level=level, **made) for n in range(first, last)])

    def found(actor: Actor) -> tuple[Any, Any]:
        return granted.ids(actor, kind, "read"), granted.ids(actor, kind, "write")

    open_to("read", 1, 4)
    open_to("write", 3, 6)
    open_to("read", 10, 11, principal_kind="everyone", principal=0)
    open_to("read", 11, 12, principal_kind="department", principal=lee.department_id)
    open_to("read", 12, 13, principal_kind="department_tree", principal=lee.department_id)
    open_to("read", 20, 21, principal=lee.pk + 1)
    open_to("write", 21, 22, expires_at=clock.now())
    registry.bump("access")
    actor = next_request()
    assert asked(lambda: found(actor)) == 1
    assert found(actor) == ({1, 2, 3, 4, 5, 10, 11, 12}, {3, 4, 5})
    open_to("read", 100, 100 + FEW)
    actor = next_request()
    assert found(actor) == (None, {3, 4, 5})
    assert set(granted.grants(actor, kind, "write").values_list("record", flat=True)) == {3, 4, 5}
    # Too many to name once is taken to be so for minutes, whatever a new request finds: what is seen stays right.
    actor = next_request()
    assert asked(lambda: granted.ids(actor, kind, "read")) == 0
    with write.change(people.program(), "test") as door:
        mine = [one.pk for one in door.create_many("account", [{"name": "Acme"}, {"name": "Nova"}])]
    Grant.objects.filter(object="account").delete()
    open_to("read", mine[0], mine[0] + 1)
    actor = next_request()
    assert granted.ids(actor, kind, "read") is None
    assert named(actor, kind, mine, "name") == [(mine[0], "Acme")]
    assert named(actor, kind, mine, level="write") == []
    assert list(visible(actor, kind).values_list("pk", flat=True)) == mine[:1]
