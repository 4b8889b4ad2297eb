"""The table of the indexes that administrators added."""

from __future__ import annotations

from django.db import models

BUILDING, READY, FAILED = "building", "ready", "failed"


class FieldIndex(models.Model):
    """An index over one field of an object, in the order of the object's list."""

    object = models.CharField(max_length=63)
    field = models.CharField(max_length=63)
    state = models.CharField(max_length=12, default=BUILDING)
    """building, ready or failed."""
    job = models.BigIntegerField(null=True)
    """The job that builds it, or built it."""
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "field"], name="engine_fieldindex_once")]

    @property
    def name(self) -> str:
        """What the index is called in the database."""
        return f"guanxi_field_{self.pk}"

    @property
    def walk(self) -> str:
        """What the second one is called that a field with a scale has: the list's order with its values."""
        return f"{self.name}_walk"
