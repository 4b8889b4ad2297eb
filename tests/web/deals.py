"""Deals for the tests of the pages."""

from __future__ import annotations

from datetime import date, timedelta

from guanxi.access.models import User
from guanxi.domains.sales.pipeline import Pipeline
from guanxi.domains.sales.setup import NEW_BUSINESS, create_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.engine import write
from tests.support import people


def make(count: int) -> list[int]:
    """Opportunities in the first two stages of one pipeline, each at an account of its own; their ids."""
    with write.change(people.program(), "test") as door:
        first = Pipeline.objects.order_by("pk").first()
        values = {"name": "新客户", "is_default": True}
        pipeline = first.pk if first is not None else create_pipeline(door, values, NEW_BUSINESS)
        stages = list(Stage.objects.filter(pipeline_id=pipeline).order_by("position").values_list("pk", flat=True))
        owner = User.objects.order_by("pk").first()
        names = [f"{count}-{index}" for index in range(count)]
        accounts = door.create_many("account", [{"name": f"客户 {name}"} for name in names])
        rows = [
            {
                "name": f"商机 {name}",
                "account": accounts[index].pk,
                "pipeline": pipeline,
                "stage": stages[index % 2],
                "amount": 100_00 * (index + 1),
                "owner": owner.pk if owner is not None else None,
                "close_on": date(2030, 1, 1) + timedelta(days=index),
            }
            for index, name in enumerate(names)
        ]
        return [deal.pk for deal in door.create_many("opportunity", rows)]
