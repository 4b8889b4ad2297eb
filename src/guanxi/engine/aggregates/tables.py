"""Tables of kept counts and sums."""

from __future__ import annotations

from django.db import models


class AggregateRow(models.Model):
    """A part of the count and the sums of one group; all rows of a group together give them.

    Every change adds rows for what it changes: two people who win a deal at the same time do not wait for each other.
    """

    object = models.CharField(max_length=63)
    aggregate = models.CharField(max_length=40)
    owner = models.BigIntegerField()
    """The person who owns the records; 0 for nobody. No foreign key: it is history until the sums are put together."""
    currency = models.CharField(max_length=3)
    one = models.CharField(max_length=64)
    two = models.CharField(max_length=64)
    three = models.CharField(max_length=64)
    """What the records have in common: the key of a choice, the id of a record, a month as 2026-03; empty for nothing."""
    number = models.BigIntegerField()
    first_sum = models.BigIntegerField()
    second_sum = models.BigIntegerField()

    class Meta:
        indexes = [
            # Everything that is read, so that the table itself is not opened.
            models.Index(
                fields=[
                    *("object", "aggregate", "owner", "one", "two", "three"),
                    *("currency", "number", "first_sum", "second_sum"),
                ],
                name="engine_aggregaterow_groups",
            )
        ]


class AggregateState(models.Model):
    """How far one aggregate of an object can be trusted."""

    object = models.CharField(max_length=63)
    aggregate = models.CharField(max_length=40)
    shape = models.CharField(max_length=300)
    """What it was made of when it was built: of another shape it is not read."""
    built_at = models.DateTimeField(null=True)
    """Since when it equals the records; empty while it must not be read."""
    checked_at = models.DateTimeField(null=True)
    mended = models.BigIntegerField(default=0)
    """Groups that the last comparison put right; anything but 0 means that something wrote past the door."""
    rows = models.BigIntegerField(default=0)
    """Rows after they were put together last."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object", "aggregate"], name="engine_aggregatestate_once")]
