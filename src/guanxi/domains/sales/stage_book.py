"""All pipelines and stages as the rules of opportunities ask for them; kept in memory until one of them changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import QuerySet

from guanxi.access.actor import Actor
from guanxi.access.kept import kept
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
    def load(cls, actor: Actor, mentioned: Iterable[int | None] = ()) -> StageBook:
        """The book. ``mentioned`` are stages needed even if they lie in the recycle bin."""
        book = kept(actor, "stages", cls._load)
        missing = {pk for pk in mentioned if pk and pk not in book.stages}
        return replace(book, stages=book.stages | _entries(Stage.objects.filter(pk__in=missing))) if missing else book

    @classmethod
    def _load(cls) -> StageBook:
        pipelines = Pipeline.objects.filter(deleted_at=None, active=True).order_by("-is_default", "position", "pk")
        return cls(_entries(Stage.objects.filter(deleted_at=None)), pipelines.values_list("pk", flat=True).first())

    def get(self, stage_id: int | None) -> StageEntry | None:
        """The stage with this id."""
        return self.stages.get(stage_id) if stage_id else None

    def first(self, pipeline_id: int | None, category: str = "open") -> StageEntry | None:
        """The first stage of a category in a pipeline."""
        found = (stage for stage in self.stages.values() if stage.pipeline == pipeline_id)
        return next((stage for stage in found if stage.category == category), None)


def _entries(rows: QuerySet[Stage]) -> dict[int, StageEntry]:
    return {
        row.pk: StageEntry(
            row.pk,
            row.pipeline_id or 0,
            row.name,
            row.category or "open",
            Decimal(row.probability or 0),
            row.forecast_category or "pipeline",
            required_keys(row.required_fields),
        )
        for row in rows.order_by("pipeline_id", "position", "pk")
    }
