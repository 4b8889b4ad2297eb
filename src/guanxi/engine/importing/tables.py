"""Tables of imports: the file and what was decided about it, refused rows, references that wait, saved mappings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from guanxi.engine.job import Job


class Import(models.Model):
    """One file, from its arrival to its undo. Written by :mod:`guanxi.engine.importing` alone."""

    object = models.CharField(max_length=63)
    name = models.CharField(max_length=255)
    """What the file was called where it came from; shown, never used as a name on disk."""
    path = models.CharField(max_length=200, blank=True, default="")
    """Where it is kept; empty once it has been removed."""
    size = models.BigIntegerField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    layout: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    columns: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(default=list)
    """``name``, ``examples``, ``look`` and ``filled`` of each column."""
    rows = models.BigIntegerField(null=True)
    """How many rows with values; null while the whole file has not been read."""
    mapping: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    check_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    checked: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """What the dry run found; see :class:`guanxi.engine.importing.checking.Finding`."""
    checked_as = models.CharField(max_length=64, blank=True, default="")
    """Digest of the mapping that was checked: another one must be checked anew."""
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    """The job that does it, the last one where it was gone on with."""
    change_set = models.BigIntegerField(null=True)
    """The one change set of everything it wrote."""
    state: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """How far it is: rows dealt with, counts, references resolved."""
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_by", "-id"], name="engine_import_person"),
            models.Index(fields=["created_at"], condition=~models.Q(path=""), name="engine_import_kept"),
        ]


class ImportRejection(models.Model):
    """A row that was not taken: kept with its reasons, to be corrected and sent again."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejections")
    row = models.BigIntegerField()
    """Its number in the file."""
    cells: models.JSONField[list[str], list[str]] = models.JSONField()
    reasons: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["of", "row"], name="engine_import_rejection")]


class ImportDeferral(models.Model):
    """A record that was written without its references to other rows of the same file; they follow at the end."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="deferrals")
    record = models.BigIntegerField()
    row = models.BigIntegerField()
    references: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField()
    """The texts, by field."""


class ImportTemplate(models.Model):
    """A mapping kept under a name, to be used for files of the same kind. Columns go by their names."""

    object = models.CharField(max_length=63)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    mapping: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """As a mapping, but with ``column`` as a name, and the number beside it in ``at``."""
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "object", "name"], name="engine_import_template_name")]
