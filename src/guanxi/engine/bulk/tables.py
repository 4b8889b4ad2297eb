"""Tables of mass changes: each run, the records it is about, and those it left out."""

from __future__ import annotations

from array import array
from typing import Any

from django.conf import settings
from django.db import models


class BulkRun(models.Model):
    """One mass change; written by :mod:`guanxi.engine.bulk` alone."""

    object = models.CharField(max_length=63)
    operation = models.CharField(max_length=10)
    """update, add, remove, delete or restore."""
    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The values in the form of the API."""
    query = models.TextField(blank=True, default="")
    """The filter as a typed line, where the records were chosen by one."""
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    cause = models.CharField(max_length=40)
    request = models.CharField(max_length=40, blank=True, default="")
    total = models.BigIntegerField()
    done = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    change_set = models.BigIntegerField(null=True)
    """What undo takes back: one for all batches. No foreign key, because old change sets are thinned out."""
    job = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True)


class BulkSlice(models.Model):
    """The ids of one batch, fixed when the run was started."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="slices")
    number = models.IntegerField()
    records = models.BinaryField()
    """Whole numbers of 64 bits."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="engine_bulkslice_once")]

    @property
    def ids(self) -> list[int]:
        """The ids of the batch, in order."""
        found = array("q")
        found.frombytes(bytes(self.records))
        return found.tolist()


class BulkRejection(models.Model):
    """A record that a run left as it was, and why."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="rejections")
    record = models.BigIntegerField()
    code = models.CharField(max_length=40)
    reason = models.TextField()
    """A sentence in the language of the person who started the run."""

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="engine_bulkrejection_run")]
