"""The journal's tables. Nothing is ever updated or deleted here but by redaction, which is journaled itself."""

from __future__ import annotations

from typing import Any

from django.db import models


class ChangeSet(models.Model):
    """Everything one act changed: a saved form, a mass update, an import, a conversion."""

    at = models.DateTimeField(db_index=True)
    actor = models.BigIntegerField(null=True)
    """Id of the person; null for the program. No foreign key: people are a layer above, and history outlives them."""
    cause = models.CharField(max_length=40)
    """Where it came from: web, api, import, action, demo, command…"""
    note = models.CharField(max_length=255, blank=True, default="")
    request = models.CharField(max_length=40, blank=True, default="")
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")


class Entry(models.Model):
    """What one change set did to one record.

    Readers that must not miss an entry order by ``(era, xact, id)`` below the transaction horizon on PostgreSQL;
    ``xact`` is 0 on SQLite, whose single writer already makes ids ordered.
    """

    era = models.IntegerField(default=1)
    xact = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    changes: models.JSONField[dict[str, list[Any]], dict[str, list[Any]]] = models.JSONField(default=dict)
    """``{field: [before, after]}`` in JSON form."""
    cause = models.CharField(max_length=40)
    request = models.CharField(max_length=40, blank=True, default="")
    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="entries")

    class Meta:
        indexes = [
            models.Index(fields=["object", "record", "-id"], name="journal_entry_record"),
            models.Index(fields=["era", "xact", "id"], name="journal_entry_order"),
            models.Index(fields=["actor", "-id"], name="journal_entry_actor"),
        ]
