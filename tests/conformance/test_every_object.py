"""The conformance suite over every object of the product."""

from __future__ import annotations

import pytest
from django.apps import apps

from guanxi.schema.record import Record
from tests.conformance.suite import ConformanceSuite

KEYS = sorted(
    model.Declaration.key
    for model in apps.get_models()
    if issubclass(model, Record) and hasattr(model, "Declaration") and model.__module__.startswith("guanxi.")
)


@pytest.mark.parametrize("object_key", KEYS)
class TestEveryObject(ConformanceSuite):
    """One run per object."""


def test_the_objects_of_the_house_are_all_here() -> None:
    expected = {"account", "contact", "lead", "opportunity", "product", "activity", "task", "competitor", "tag"}
    assert expected | {"user", "department", "pipeline", "stage"} <= set(KEYS)
