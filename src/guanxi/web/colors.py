"""Colours of records that have one (tags, stages): asked once, until one of them changes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from guanxi.access.actor import Actor
from guanxi.access.kept import kept
from guanxi.kernel import prepared
from guanxi.schema import registry

FIELD = "color"
LIMIT = 500


class Colors:
    """The colours of the records of small objects that declare a ``color`` select."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._known: dict[str, dict[int, str]] = {}

    def of(self, object_key: str, record_id: int) -> str | None:
        """The colour of a record; ``None`` when its object has no colours."""
        if object_key not in self._known:
            self._known[object_key] = self._load(object_key)
        return self._known[object_key].get(record_id)

    def _load(self, object_key: str) -> dict[int, str]:
        kind = registry.snapshot().objects.get(object_key)
        if kind is None or kind.declaration.kind != "setup" or FIELD not in kind.fields:
            return {}
        if not self.actor.can("read", object_key):
            return {}
        if self.actor.field_level(object_key, FIELD) not in ("read", "write"):
            return {}
        model = kind.model
        return kept(
            self.actor,
            ("colors", object_key),
            lambda: {pk: color or "gray" for pk, color in prepared.rows(_colors, shape=model)},
        )


def _colors(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.filter(deleted_at=None).values_list("pk", FIELD)
    return rows[:LIMIT]
