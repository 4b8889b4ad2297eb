"""The tables of merging: what was merged into what, and what was moved that has no history of its own."""

from __future__ import annotations

from typing import Any

from django.db import models


class Merge(models.Model):
    """One merge. It stands, or it was undone; undone ones stay, because undo can be undone."""

    change_set = models.BigIntegerField(unique=True)
    """Id of the change set that merged."""
    latest = models.BigIntegerField(db_index=True)
    """The change set that made the merge stand or taken back as it is now: the one that undo can take back."""
    standing = models.BooleanField(default=True)
    object = models.CharField(max_length=63)
    survivor = models.BigIntegerField()
    losers: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    beside: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """What was moved beside the records: files, follows, grants, favourites; see :mod:`guanxi.engine.merging.beside`."""


class MergedInto(models.Model):
    """The pointer that a merged record leaves behind. One that was restored by hand and merged again has several; the
    newest counts."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="pointers")
    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    survivor = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["object", "record", "-merge"], name="engine_mergedinto_record"),
            models.Index(fields=["object", "survivor"], name="engine_mergedinto_survivor"),
        ]
