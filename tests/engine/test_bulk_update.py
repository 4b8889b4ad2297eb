"""Writing columns of many records at once gives every value back as it was, whatever its type."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine import write
from guanxi.kernel import bulk
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def test_every_type_of_column_and_empty_values() -> None:
    samples = Samples()
    records = [samples.create("opportunity") for _ in range(30)]
    rng = random.Random(5)
    for record in records:
        record.name = rng.choice(["O'Reilly", "华为 100%", "a\\b", 'q"x'])
        record.amount = rng.choice([None, 0, -5, 10**15])
        record.close_on = rng.choice([None, date(2030, 2, 28)])
        record.stage_entered_at = record.created_at + timedelta(microseconds=rng.randint(0, 10**6))
        record.forecast_manual = rng.choice([True, False])
        record.extra = rng.choice([{}, {"a": [1, "二"], "b": None}])
        record.version += 1
    names = ("name", "amount", "close_on", "stage_entered_at", "forecast_manual", "extra", "version", "owner")
    fields = [Opportunity._meta.get_field(name) for name in names]
    bulk.update(records, fields)  # type: ignore[arg-type]  # get_field names relations too; these are columns
    for record in records:
        stored = Opportunity.objects.get(pk=record.pk)
        for name in names:
            assert getattr(stored, name) == getattr(record, name), name


def test_many_records_with_values_of_their_own_through_the_door() -> None:
    samples = Samples()
    ids = [samples.create("account").pk for _ in range(60)]
    with write.change(people.program(), "test") as door:
        door.update_each("account", {pk: {"city": f"City {pk}", "level": "a"} for pk in ids})
    from guanxi.domains.customers.account import Account

    assert dict(Account.objects.filter(pk__in=ids).values_list("pk", "city")) == {pk: f"City {pk}" for pk in ids}
    assert set(Account.objects.filter(pk__in=ids).values_list("version", flat=True)) == {2}
