"""SQL and memory agree on random conditions over random records; both spellings give the tree back."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.access.actor import Actor
from guanxi.engine import query, write
from guanxi.engine.query import Condition, Group, Not, Tree
from guanxi.engine.query.resolve import checked, find_path
from guanxi.engine.scoping import rows_of
from guanxi.kernel import clock
from guanxi.kernel.errors import QueryError
from guanxi.schema import registry
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import CustomField
from tests.support import people
from tests.support.samples import Samples

LETTERS = "abAB01 %_\\'\",():.-#*华为技術éÉßñ😀"
NOW = datetime(2026, 5, 13, 16, 30, tzinfo=UTC)
PERIODS = ("today", "yesterday", "this_week", "last_month", "next_quarter", "this_year", "last_7_days", "next_30_days")
OPTIONS = [{"key": key, "en": key.upper(), "zh": f"选项{key}"} for key in ("x", "y", "z")]
CUSTOM = ("text", "long_text", "integer", "decimal", "money", "date", "datetime", "boolean", "select", "multi_select")
FIELDS = (
    *("name", "amount", "probability", "weighted", "close_on", "opened_on", "created_at", "status", "kind", "needs"),
    *("source", "owner", "stage", "pipeline", "account", "next_step", "currency", "tags"),
    *(f"my_{kind}" for kind in CUSTOM),
    *("account.name", "account.level", "account.owner", "account.parent.name", "owner.department", "stage.position"),
    "owner.department.name",
)


def add_custom_fields() -> None:
    """One custom field of every kind that custom fields can have a value of."""
    for kind in CUSTOM:
        properties = {"options": OPTIONS} if "select" in kind else {}
        CustomField.objects.create(
            object="opportunity",
            key=f"my_{kind}",
            kind=kind,
            label_en=kind,
            label_zh=f"自定义{kind}",
            properties=properties,
        )
    registry.bump("schema")
    people.refreshed()


class World:
    """Random accounts, people, tags and opportunities."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        samples = Samples()
        parent = people.department("Sales")
        self.people = [
            people.person(name, "salesperson", department=department)
            for name, department in (("ann", parent), ("bob", people.department("East", parent)), ("eve", None))
        ]
        self.tags = [samples.create("tag", name=name).pk for name in ("vip", "重点")]
        stage = samples.create("stage")
        self.stages = [stage.pk, samples.create("stage", pipeline=stage.pipeline_id, category="won").pk]
        self.pipeline = stage.pipeline_id
        self.accounts: list[int] = []
        for index in range(8):
            values = {"name": self.text() or "-", "level": self.dice.choice(("a", "b", None)), "owner": self.person()}
            values["parent"] = self.dice.choice([*self.accounts, None]) if index else None
            self.accounts.append(samples.create("account", **values).pk)
        kind = registry.get("opportunity")
        with write.change(people.program(), "test") as door:
            door.create_many("opportunity", [self.opportunity(kind) for _ in range(30)])

    def person(self) -> int:
        """One of the people."""
        return int(self.dice.choice(self.people).pk)

    def text(self) -> str:
        """A short text of difficult letters."""
        return "".join(self.dice.choice(LETTERS) for _ in range(self.dice.randrange(5))).strip()

    def day(self) -> date:
        """A day near now."""
        return NOW.date() + timedelta(days=self.dice.randrange(-3, 4))

    def moment(self) -> datetime:
        """A moment near now, often near midnight in Shanghai."""
        return datetime.combine(self.day(), datetime.min.time(), UTC) + timedelta(
            minutes=self.dice.choice((0, 1, 959, 960))
        )

    def opportunity(self, kind: ObjectType) -> dict[str, Any]:
        """Values of one opportunity, many of them empty."""
        values: dict[str, Any] = {
            "name": self.text() or "x",
            "owner": self.person(),
            "created_at": min(self.moment(), NOW),
        }
        values |= {"pipeline": self.pipeline, "stage": self.dice.choice(self.stages)}
        values["account"] = self.dice.choice([*self.accounts, None])
        values["tags"] = self.dice.choice([None, (self.tags[0],), tuple(sorted(self.tags))])
        for field in kind.fields.values():
            if field.key in values or not field.writable or self.dice.random() < 0.3:
                continue
            if field.custom or field.key in ("amount", "close_on", "needs", "next_step", "source", "kind"):
                values[field.key] = self.value(field)
        return values

    def value(self, field: FieldDefinition) -> Any:
        """A random value of a field."""
        options = [option.key for option in field.spec.options]
        return {
            "text": lambda: self.text() or None,
            "long_text": lambda: self.text() or None,
            "integer": lambda: self.dice.choice((-1, 0, 1, 2**40)),
            "decimal": lambda: self.dice.choice((Decimal("-1.50"), Decimal("0.00"), Decimal("2.25"))),
            "money": lambda: self.dice.choice((0, 1, 100, 1_000_000)),
            "date": self.day,
            "datetime": self.moment,
            "boolean": lambda: self.dice.random() < 0.5,
            "select": lambda: self.dice.choice(options),
            "multi_select": lambda: tuple(key for key in options if self.dice.random() < 0.6) or None,
        }[field.kind.name]()


def operands(field: FieldDefinition, world: World) -> st.SearchStrategy[Any]:
    """Values to compare a field with, those that occur and those that do not."""
    family = field.kind.family
    if family == "lookup":
        ids = {"user": [p.pk for p in world.people], "account": world.accounts, "stage": world.stages}
        known = ids.get(field.spec.target, [1, 2])
        return st.sampled_from([*known, 0, 999_999, "me", "my_team", "East", "sample 1"])
    if family == "links":
        return st.sampled_from([*world.tags, 999_999, "vip", "VIP", "重点", "nothing"])
    if family == "date":
        days = [(NOW.date() + timedelta(days=shift)).isoformat() for shift in (-2, -1, 0, 1, 2)]
        return st.sampled_from([*days, *PERIODS, "2026-05", "2026"])
    if family == "datetime":
        return st.sampled_from([*PERIODS, "2026-05-13", "2026-05-13T16:00:00Z", "2026-05-14T00:01:00+08:00", "2026-06"])
    if family in ("choice", "choices"):
        return st.sampled_from([option.key for option in field.spec.options])
    if family == "boolean":
        return st.booleans()
    if family == "number":
        whole = field.kind.name == "integer"
        return st.sampled_from(["-1", "0", "1"] if whole else ["-1.5", "0", "1", "0.01", "2.25", "10000"])
    return st.text(st.sampled_from(LETTERS), min_size=1, max_size=3)


def conditions(kind: ObjectType, actor: Actor, world: World) -> st.SearchStrategy[Condition]:
    """Conditions that the field can be compared with."""

    @st.composite
    def build(draw: st.DrawFn) -> Condition:
        if draw(st.integers(0, 20)) == 0:
            return Condition("search", "contains", draw(st.sampled_from(["a", "华为", "huawei", "B 0", "%"])))
        path = draw(st.sampled_from(FIELDS))
        field = find_path(path, kind, actor).field
        op = draw(st.sampled_from(field.kind.operators))
        value: Any = None
        if op not in ("empty", "not_empty"):
            one = operands(field, world)
            value = (
                tuple(draw(st.lists(one, min_size=1, max_size=3)))
                if op in ("in", "not_in", "has", "has_not")
                else draw(one)
            )
        return Condition(path, op, value)

    return build()


def trees(kind: ObjectType, actor: Actor, world: World) -> st.SearchStrategy[Tree]:
    """Trees of conditions."""

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        groups = st.builds(Group, st.sampled_from(("and", "or")), st.lists(inner, min_size=2, max_size=3).map(tuple))
        return st.one_of(st.builds(Not, inner), groups)

    return st.recursive(conditions(kind, actor, world), grow, max_leaves=4)


def canonical(tree: Tree, kind: ObjectType, actor: Actor) -> Tree:
    """The tree with canonical values."""
    match tree:
        case Condition():
            return checked(tree, kind, actor)[1]
        case Not(item):
            return Not(canonical(item, kind, actor))
        case Group(op, items):
            return Group(op, tuple(canonical(item, kind, actor) for item in items))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["administrator", "salesperson"])
def test_both_evaluators_and_both_spellings_agree(who: str) -> None:
    with clock.frozen(NOW):
        add_custom_fields()
        world = World(seed=7)
        user = people.person("root", administrator=True) if who == "administrator" else world.people[0]
        actor = people.actor(user)
        kind = registry.get("opportunity")
        records = list(rows_of(actor, kind, None))
        assert len(records) > 5

        evaluated = 0

        @settings(
            max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
        )
        @given(trees(kind, actor, world))
        def check(raw: Tree) -> None:
            nonlocal evaluated
            try:
                tree = canonical(raw, kind, actor)
            except QueryError:
                return
            assert query.from_json(query.to_json(tree)) == tree
            line = query.format(tree)
            reread = query.parse(line, kind, actor)
            assert reread == tree, line
            found = set(rows_of(actor, kind, tree).values_list("pk", flat=True))
            assert found == {record.pk for record in records if query.evaluate(tree, kind, record, actor)}, line
            evaluated += 1

        check()
        assert evaluated > 250
