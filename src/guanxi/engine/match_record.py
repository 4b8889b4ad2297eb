"""The tables of duplicate detection: keys by which records are found, rules as administrators set them, what scans found."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class MatchKey(models.Model):
    """One normalised value by which a record is found: a hash, so that the index is small and the table tells nothing."""

    object = models.CharField(max_length=63)
    rule = models.CharField(max_length=40)
    """The rule that the value belongs to; ``~`` before the name of a field for keys that lead to similar ones."""
    value = models.BigIntegerField()
    """The first 63 bits of the BLAKE2 hash of the normalised value."""
    record = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["value"], name="engine_matchkey_value"),
            models.Index(fields=["object", "record"], name="engine_matchkey_record"),
        ]


class DuplicateSetting(models.Model):
    """What administrators decided for an object: the mode of each rule, and what is told to those who may not see it."""

    object = models.CharField(max_length=63, primary_key=True)
    modes: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict)
    """``off``, ``warn`` or ``block`` by rule."""
    shown: models.JSONField[list[str] | None, list[str] | None] = models.JSONField(null=True)
    """Keys of fields; ``None`` as declared."""


class DuplicateGroup(models.Model):
    """Records that a scan found to be the same."""

    object = models.CharField(max_length=63)
    scan = models.BigIntegerField()
    """Id of the job that found it."""
    score = models.FloatField()
    """That of its weakest link, 0 to 100."""
    members: models.JSONField[list[int], list[int]] = models.JSONField(default=list)
    pairs: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)
    """``[record, record, score, evidence]`` of each pair found."""
    found_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["object", "-score", "id"], name="engine_duplicategroup_best")]


class FoundPair(models.Model):
    """A pair that a scan which is still going on has found."""

    object = models.CharField(max_length=63)
    scan = models.BigIntegerField(db_index=True)
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    score = models.FloatField()
    evidence: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)


class NotDuplicate(models.Model):
    """Two records that somebody looked at and found to be different; they are not shown as duplicates again."""

    object = models.CharField(max_length=63)
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "low", "high"], name="engine_notduplicate_once")]
