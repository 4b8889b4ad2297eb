"""Prepared questions answer as the queries they are made from, for every value and shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Q, QuerySet

from guanxi.access.models import User
from guanxi.domains.customers.account import Account
from guanxi.kernel import clock, prepared
from guanxi.kernel.sql import IdIn
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def _accounts(name: str, ids: Any, since: Any, shape: tuple[bool, tuple[str, ...]]) -> QuerySet[Any]:
    live, columns = shape
    rows = Account.objects.filter(Q(name=name) | Q(IdIn(F("pk"), ids)), created_at__gte=since, city="Perth")
    rows = rows.filter(deleted_at=None) if live else rows
    return rows.order_by("pk").values_list("pk", *columns)[:5]


def test_values_and_shapes_are_put_in_their_places() -> None:
    samples = Samples()
    made = [samples.create("account", name=f"A%s{number}", city="Perth").pk for number in range(8)]
    samples.create("account", name="Elsewhere", city="Berne")
    Account.objects.filter(pk=made[3]).update(deleted_at=clock.now())
    before, after = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    for name in ("A%s0", "A%s7", "'; DROP TABLE", "\ue0000"):
        for ids in ((), made[2:5], frozenset(made), [10**15]):
            for since in (before, after):
                for shape in ((True, ("name",)), (False, ("name", "version")), (False, ())):
                    asked = prepared.rows(_accounts, name, ids, since, shape=shape)
                    assert asked == list(_accounts(name, ids, since, shape)), (name, ids, since, shape)


def test_the_query_is_built_once_for_each_shape() -> None:
    built: list[object] = []

    def build(pk: int, shape: object) -> QuerySet[Any]:
        built.append(shape)
        return Account.objects.filter(pk=pk).values_list("pk")

    for _again in range(3):
        for shape in ("one", "two"):
            assert prepared.rows(build, 1, shape=shape) == []
    assert built == ["one", "two"]


def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


def test_a_record_is_what_the_query_would_give() -> None:
    person = people.person("li", "salesperson", department=people.department("North"))
    person.preferences = {"language": "zh-hans", "density": ["cozy", 1, None]}
    person.password_changed_at = clock.now()
    person.is_active = False
    person.save()
    for pk in (person.pk, person.pk + 1, 10**15):
        found, right = prepared.record(_person, pk), User.objects.filter(pk=pk).first()
        assert found == right
        if found is not None and right is not None:
            for field in User._meta.concrete_fields:
                mine, theirs = getattr(found, field.attname), getattr(right, field.attname)
                assert (mine, type(mine)) == (theirs, type(theirs)), field
            assert found._state.db == right._state.db and not found._state.adding
            found.preferences = {}
            found.save()
            assert User.objects.get(pk=pk).preferences == {}
