"""The tables of the search index."""

from __future__ import annotations

from django.db import models


class SearchDocument(models.Model):
    """What one live record is found by. It follows from the record and can be made anew at any time."""

    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    owner = models.BigIntegerField(null=True)
    """Whose record it is; no foreign key, the record has one."""
    updated = models.DateTimeField(null=True)
    title = models.CharField(max_length=120)
    """The title as it is compared, for finding and ranking by its beginning."""
    title_words = models.TextField()
    """Words of the title, those it begins with before a bar: all that may be searched by whom another field is closed to."""
    words = models.TextField()
    """Every word, the title's included."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "record"], name="engine_searchdocument_once")]
        indexes = [
            models.Index(fields=["-updated"], name="engine_searchdoc_recent"),
            models.Index(fields=["object", "-updated"], name="engine_searchdoc_object"),
            models.Index(fields=["owner", "-updated"], name="engine_searchdoc_own"),
            models.Index(fields=["title"], name="engine_searchdoc_title", opclasses=["varchar_pattern_ops"]),
        ]


class SearchRebuild(models.Model):
    """A rebuild of the index on its way: one row per object still to be done."""

    object = models.CharField(max_length=63, unique=True)
    after = models.BigIntegerField(default=0)
    """Records up to this id are done."""
    started_at = models.DateTimeField()
    written = models.BigIntegerField(default=0)
    """How many documents were missing, stale or superfluous so far."""
