"""All pipelines and stages, read once per write: the tables are small, the writes may be large."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from guanxi.domains.sales.pipeline import Pipeline
from guanxi.domains.sales.stage import Stage, required_keys


@dataclass(frozen=True, slots=True)
class StageEntry:
    """What the rules need to know of a stage."""

    id: int
    pipeline: int
    name: str
    category: str
    probability: Decimal
    forecast_category: str
    required: tuple[str, ...]


@dataclass(frozen=True)
class StageBook:
    """The live stages by id, in the order of their pipelines, and the pipeline new opportunities go to."""

    stages: dict[int, StageEntry]
    default_pipeline: int | None

    @classmethod
    def load(cls, mentioned: Iterable[int | None] = ()) -> StageBook:
        """Two queries. ``mentioned`` are stages needed even if they lie in the recycle bin."""
        rows = Stage.objects.filter(deleted_at=None) | Stage.objects.filter(pk__in={pk for pk in mentioned if pk})
        stages = {
            row.pk: StageEntry(
                row.pk,
                row.pipeline_id,
                row.name,
                row.category or "open",
                Decimal(row.probability or 0),
                row.forecast_category or "pipeline",
                required_keys(row.required_fields),
            )
            for row in rows.order_by("pipeline_id", "position", "pk")
        }
        pipelines = Pipeline.objects.filter(deleted_at=None, active=True).order_by("-is_default", "position", "pk")
        return cls(stages, pipelines.values_list("pk", flat=True).first())

    def get(self, stage_id: int | None) -> StageEntry | None:
        """The stage with this id."""
        return self.stages.get(stage_id) if stage_id else None

    def first(self, pipeline_id: int | None, category: str = "open") -> StageEntry | None:
        """The first stage of a category in a pipeline."""
        found = (stage for stage in self.stages.values() if stage.pipeline == pipeline_id)
        return next((stage for stage in found if stage.category == category), None)
