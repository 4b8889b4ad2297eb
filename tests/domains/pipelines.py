"""Pipelines for the tests of sales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from guanxi.domains.sales.models import Opportunity, Stage
from guanxi.domains.sales.setup import NEW_BUSINESS, create_pipeline
from guanxi.engine import write
from tests.support import people


@dataclass(frozen=True)
class Sales:
    """The standard pipeline: ids of its stages by English name."""

    pipeline: int
    stages: dict[str, int]


def standard(name: str = "新客户销售", *, default: bool = True) -> Sales:
    """Create the pipeline an installation starts with."""
    with write.change(people.program(), "test") as door:
        values = {"name": name, "name_en": "New business", "position": 1, "is_default": default}
        pipeline = create_pipeline(door, values, NEW_BUSINESS)
    return Sales(pipeline, dict(Stage.objects.filter(pipeline=pipeline).values_list("name_en", "pk")))


def create(object_key: str, **values: Any) -> Any:
    """Create one record as the program."""
    with write.change(people.program(), "test") as door:
        return door.create(object_key, values)


def change(object_key: str, record: int, **values: Any) -> None:
    """Change one record as the program."""
    with write.change(people.program(), "test") as door:
        door.update(object_key, record, values)


def act(object_key: str, record: int, action: str, **inputs: Any) -> Any:
    """Do an action as the program."""
    with write.change(people.program(), "test") as door:
        return door.act(object_key, record, action, inputs)


def opportunity(pk: int) -> Opportunity:
    """An opportunity as the database has it."""
    found: Opportunity = Opportunity.objects.get(pk=pk)
    return found
