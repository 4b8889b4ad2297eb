"""Tables of the schema: its version, custom fields, counters and links."""

from __future__ import annotations

from typing import Any

from django.db import models


class SchemaVersion(models.Model):
    """One row per thing that is cached in memory (``schema``, ``access``); bumped in the transaction of a change."""

    name = models.CharField(max_length=40, primary_key=True)
    number = models.BigIntegerField(default=0)


class CustomField(models.Model):
    """A field that an administrator added; its values live in the ``extra`` JSON of the record under ``key``."""

    object = models.CharField(max_length=63)
    key = models.CharField(max_length=63)
    kind = models.CharField(max_length=20)
    label_en = models.CharField(max_length=120)
    label_zh = models.CharField(max_length=120)
    required = models.BooleanField(default=False)
    properties: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)
    """``options``: list of {key, en, zh, color}; ``max_length``, ``decimals``, ``minimum``, ``maximum``; ``target``: the
    object a ``links`` field points to. References live in :class:`Link`, never as ids inside the JSON."""
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "key"], name="schema_customfield_key")]
        ordering = ["object", "position", "id"]


class Sequence(models.Model):
    """A counter of the write door for auto-numbers."""

    name = models.CharField(max_length=130, primary_key=True)
    last = models.BigIntegerField(default=0)


class Link(models.Model):
    """One reference of a record's links field (tags, custom lookups) to a record of another object."""

    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    field = models.CharField(max_length=63)
    target_object = models.CharField(max_length=63)
    target = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object", "record", "field", "target"], name="schema_link_once"),
        ]
        indexes = [models.Index(fields=["object", "field", "target", "record"], name="schema_link_target")]
