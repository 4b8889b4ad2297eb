"""The spellings of the same rules agree on random companies: the query in both forms, the explanation, and a model."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from guanxi.access import explain
from guanxi.access.actor import RIGHTS, actor_for
from guanxi.access.models import Grant, ObjectDefault, Role, RoleAction, RoleScope, SharingRule, User
from guanxi.access.visibility import among, every, named
from guanxi.engine import write
from guanxi.kernel import clock
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.access.model import BINS, Model, ModelGrant, ModelPerson, ModelRecord, ModelRole, ModelRule
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
OBJECTS = ("account", "opportunity", "activity", "product", "opportunity_line", "stage_change")
WORLDS = 12


def _maybe(rng: random.Random, values: list[int]) -> int | None:
    return rng.choice([*values, None])


class Company:
    """A random company in the database, and the same as a model."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.samples = Samples()
        self._directory(seed)
        self._roles(seed)
        self._records()
        self._sharing()
        registry.bump("access")
        people.refreshed()

    def _directory(self, seed: int) -> None:
        rng = self.rng
        departments: dict[int, int | None] = {}
        with write.change(people.program(), "test") as door:
            for number in range(5):
                parent = _maybe(rng, list(departments))
                made = door.create("department", {"name": f"Department {number}", "parent": parent})
                departments[made.pk] = parent
            persons: dict[int, ModelPerson] = {}
            for number in range(7):
                one = ModelPerson(0, _maybe(rng, list(departments)), _maybe(rng, list(persons)))
                values = {"username": f"p{seed}_{number}", "name": f"P{number}", "department": one.department}
                one.id = door.create("user", {**values, "manager": one.manager}).pk
                persons[one.id] = one
        self.model = Model(persons, departments, {}, {}, {})

    def _roles(self, seed: int) -> None:
        rng = self.rng
        for number in range(4):
            rights: dict[str, set[str]] = {}
            scopes: dict[str, tuple[str, str]] = {}
            for key in rng.sample(["*", *OBJECTS], rng.randint(1, 4)):
                rights[key] = {right for right in RIGHTS if rng.random() < 0.7}
                scopes[key] = (rng.choice(BINS), rng.choice(BINS))
            with write.change(people.program(), "test") as door:
                role = door.create("role", {"name": f"Role {seed} {number}"})
            RoleAction.objects.bulk_create(
                RoleAction(role_id=role.pk, object=key, right=right) for key, held in rights.items() for right in held
            )
            RoleScope.objects.bulk_create(
                RoleScope(role_id=role.pk, object=key, read=read, edit=edit) for key, (read, edit) in scopes.items()
            )
            self.model.roles[role.pk] = ModelRole(rights, scopes)
        for person in self.model.people.values():
            person.roles = rng.sample(list(self.model.roles), rng.randint(0, 2))
            User.objects.get(pk=person.id).roles.set(Role.objects.filter(pk__in=person.roles))

    def _records(self) -> None:
        rng, model = self.rng, self.model
        owners = list(model.people)
        accounts = []
        for _ in range(6):
            owner, level = rng.choice(owners), rng.choice(["a", "b"])
            accounts.append(self._add("account", owner, [], owner=owner, level=level))
        deals = []
        for _ in range(6):
            owner = rng.choice(owners)
            amount = rng.choice([50_00, 500_00])
            deals.append(self._add("opportunity", owner, [], owner=owner, account=rng.choice(accounts), amount=amount))
        product = self._add("product", None, [])
        for _ in range(6):
            owner = rng.choice(owners)
            about = rng.choice([("account", rng.choice(accounts)), ("opportunity", rng.choice(deals))])
            self._add("activity", owner, [about], owner=owner, about=f"{about[0]}:{about[1]}")
        for deal in deals[:3]:
            self._add("opportunity_line", None, [("opportunity", deal)], opportunity=deal, product=product)
        self._bystanders()
        kind = snapshot().get("stage_change")
        model_class: Any = kind.model
        for pk, deal in model_class.objects.values_list("pk", "opportunity_id"):
            model.records[("stage_change", pk)] = ModelRecord("stage_change", pk, None, [("opportunity", deal)])
        self._more_parents()

    def _bystanders(self) -> None:
        """Records that the samples made because others had to point to something."""
        for key in ("account", "opportunity"):
            kind: Any = snapshot().get(key)
            for row in kind.model.objects.all():
                values = {"level": getattr(row, "level", None), "amount": getattr(row, "amount", None)}
                values["account"] = getattr(row, "account_id", None)
                self.model.records.setdefault((key, row.pk), ModelRecord(key, row.pk, row.owner_id, [], values))

    def _more_parents(self) -> None:
        """Whatever the declaration names besides: an activity belongs to the account it mentions, too."""
        for (key, pk), record in self.model.records.items():
            kind = snapshot().get(key)
            for name in kind.declaration.inherits:
                field = kind.fields[name]
                value = field.read(kind.model._default_manager.get(pk=pk))
                if value is None:
                    continue
                parent = (field.spec.target, value) if field.kind.family == "lookup" else _reference(str(value))
                if parent in self.model.records and parent not in record.parents:
                    record.parents.append(parent)

    def _add(self, key: str, whose: int | None, parents: list[tuple[str, int]], /, **values: Any) -> int:
        made = self.samples.create(key, **values)
        self.model.records[(key, made.pk)] = ModelRecord(key, made.pk, whose, parents, values)
        return int(made.pk)

    def _sharing(self) -> None:
        rng, model = self.rng, self.model
        for key in rng.sample(OBJECTS[:4], 2):
            model.defaults[key] = rng.choice(["private", "read", "write"])
            ObjectDefault.objects.update_or_create(object=key, defaults={"level": model.defaults[key]})
        for key in OBJECTS:
            model.defaults.setdefault(key, snapshot().get(key).declaration.default_access)
        for number in range(4):
            self._rule(number)
        self._move_on()
        for _ in range(8):
            key, pk = rng.choice([name for name in model.records if name[0] in OBJECTS[:4]])
            kind = rng.choice(["user", "role", "department", "department_tree"])
            ids: Any = {"user": model.people, "role": model.roles}.get(kind, model.departments)
            expires = rng.choice([None, clock.now() + timedelta(hours=1), clock.now() - timedelta(hours=1)])
            grant = ModelGrant(key, pk, kind, rng.choice(list(ids)), rng.choice(["read", "write"]), expires)
            model.grants.append(grant)
            Grant.objects.create(
                object=key, record=pk, principal_kind=kind, principal=grant.principal, level=grant.level,
                cause="manual", expires_at=expires, created_at=clock.now(),
            )  # fmt: skip

    def _move_on(self) -> None:
        """Records change after the rules were made, and new ones come: the rules follow."""
        rng, model = self.rng, self.model
        with write.change(people.program(), "test") as door:
            for (key, pk), record in list(model.records.items()):
                if key == "account" and rng.random() < 0.5:
                    record.values["level"] = rng.choice(["a", "b"])
                    door.update(key, pk, {"level": record.values["level"]})
                elif key == "opportunity" and rng.random() < 0.5:
                    record.values["amount"] = rng.choice([50_00, 500_00])
                    door.update(key, pk, {"amount": record.values["amount"]})
        owner = rng.choice(list(model.people))
        self._add("account", owner, [], owner=owner, level="a")
        chosen = rng.choice(model.rules)
        if rng.random() < 0.3:
            model.rules.remove(chosen)
            switched = SharingRule.objects.order_by("pk")[chosen.number]
            with write.change(people.program(), "test") as door:
                door.update("sharing_rule", switched.pk, {"is_active": False})

    def _rule(self, number: int) -> None:
        rng, model = self.rng, self.model
        key, query, holds = rng.choice([
            ("account", "level:a", lambda record: record.values["level"] == "a"),
            ("account", "", lambda record: True),
            ("opportunity", "amount>=100", lambda record: (record.values["amount"] or 0) >= 100_00),
            ("opportunity", "not amount<100", lambda record: (record.values["amount"] or 100_00) >= 100_00),
        ])  # fmt: skip
        rule = ModelRule(key, holds, rng.choice(["read", "write"]), below=rng.random() < 0.5, number=number)
        receiver = rng.choice(["to_user", "to_department", "to_role", "to_everybody"])
        values: dict[str, Any] = {"with_below": rule.below}
        if receiver == "to_user":
            values["to_user"] = rule.person = rng.choice(list(model.people))
        elif receiver == "to_department":
            values["to_department"] = rule.department = rng.choice(list(model.departments))
        elif receiver == "to_role":
            values["to_role"] = rule.role = rng.choice(list(model.roles))
        else:
            values["to_everybody"] = rule.everybody = True
        with write.change(people.program(), "test") as door:
            named = {"name": f"Rule {number}", "object": key, "query": query, "level": rule.level}
            door.create("sharing_rule", named | values)
        model.rules.append(rule)


def _reference(text: str) -> tuple[str, int]:
    key, _colon, number = text.partition(":")
    return key, int(number)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_query_explanation_and_model_agree(seed: int) -> None:
    company = Company(seed)
    model = company.model
    now = clock.now()
    asked = 0
    for person in model.people:
        actor = actor_for(User.objects.get(pk=person))
        for key in OBJECTS:
            kind = snapshot().get(key)
            for level in ("read", "write"):
                if level == "write" and key in ("opportunity_line", "stage_change"):
                    continue  # parts are written by whoever may write the whole; histories by nobody
                shown = set(every(actor, kind, level).values_list("pk", flat=True))
                assert shown == set(every(actor, kind, level, narrow=True).values_list("pk", flat=True))
                everything = list(kind.model._default_manager.values_list("pk", flat=True))
                assert shown == set(among(actor, kind, everything, level).values_list("pk", flat=True))
                live = set(kind.model._default_manager.filter(deleted_at=None).values_list("pk", flat=True))
                assert shown == {pk for pk, _version in named(actor, kind, everything, "version", level=level)}
                assert shown & live == {pk for (pk,) in named(actor, kind, everything, level=level, live=True)}
                for (owner_key, pk), _record in model.records.items():
                    if owner_key != key:
                        continue
                    told = explain.reasons(actor, kind, pk, level)
                    expected = model.may(person, level, key, pk, now)
                    assert (pk in shown) == bool(told), (person, key, pk, level, told)
                    assert (pk in shown) == expected, (person, key, pk, level, told)
                    asked += 1
    assert asked > 300


def test_the_worlds_are_neither_open_nor_closed() -> None:
    """The test would be worth nothing if everybody saw everything, or nobody anything."""
    company = Company(1)
    answers = [
        company.model.may(person, "read", key, pk, clock.now())
        for person in company.model.people
        for key, pk in company.model.records
    ]
    assert 0.1 < sum(answers) / len(answers) < 0.9
