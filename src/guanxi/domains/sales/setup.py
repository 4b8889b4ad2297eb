"""The pipeline a new installation starts with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guanxi.domains.sales.pipeline import Pipeline
from guanxi.schema.rules import WriteDoor

Step = tuple[str, str, int, str, str, str, str]
"""Name, English name, probability, category, forecast category, required fields, colour."""

NEW_BUSINESS: tuple[Step, ...] = (
    ("初步接触", "Contacted", 10, "open", "pipeline", "", "gray"),
    ("需求确认", "Needs confirmed", 25, "open", "pipeline", "amount", "blue"),
    ("方案报价", "Proposal", 45, "open", "best_case", "amount, close_on", "cyan"),
    ("商务谈判", "Negotiation", 65, "open", "best_case", "amount, close_on", "orange"),
    ("合同签订", "Contract", 85, "open", "commit", "amount, close_on, contact", "purple"),
    ("赢单", "Won", 100, "won", "closed", "amount", "green"),
    ("输单", "Lost", 0, "lost", "omitted", "lost_reason", "red"),
    ("作废", "Void", 0, "void", "omitted", "", "gray"),
)


def create_pipeline(door: WriteDoor, values: Mapping[str, Any], steps: tuple[Step, ...]) -> int:
    """Create a pipeline with its stages in order; returns its id."""
    pipeline = door.create("pipeline", values)
    door.create_many(
        "stage",
        [
            {
                "pipeline": pipeline.pk,
                "name": name,
                "name_en": name_en,
                "position": position,
                "probability": probability,
                "category": category,
                "forecast_category": forecast,
                "required_fields": required or None,
                "color": color,
            }
            for position, (name, name_en, probability, category, forecast, required, color) in enumerate(steps, 1)
        ],
    )
    return int(pipeline.pk)


def ensure_pipeline(door: WriteDoor) -> None:
    """Create the standard pipeline where there is none at all, so that the first opportunity has somewhere to start."""
    if not Pipeline.objects.exists():
        values = {"name": "新客户销售", "name_en": "New business", "position": 1, "is_default": True}
        create_pipeline(door, values, NEW_BUSINESS)
