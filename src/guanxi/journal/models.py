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

    Ids are in the order of each record. Readers that must not miss an entry go through :mod:`guanxi.journal.horizon`.
    ``xact`` is the number of the transaction on PostgreSQL and 0 on SQLite; with era and id it is the entry's name outside.
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
            models.Index(fields=["actor", "-id"], name="journal_entry_actor"),
            models.Index(fields=["object", "-at", "-id"], name="journal_entry_moment"),
        ]


class Past(models.Model):
    """The records shown as they were on an earlier day: a temporary table of one connection, made by ``engine.past``."""

    object = models.CharField(max_length=63)
    record = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "guanxi_past"


class Era(models.Model):
    """The one row that says which era the database lives in; without a row it is the first.

    A database restored from a backup begins a new era: transaction ids and entry ids may then come a second time for
    something else, and only the era tells them apart.
    """

    number = models.IntegerField()
    began_at = models.DateTimeField()


class Cursor(models.Model):
    """How far one consumer has come: the id of the last entry it was given. Its row is also the lock of its dispatch."""

    consumer = models.CharField(max_length=40, primary_key=True)
    entry = models.BigIntegerField()
    moved_at = models.DateTimeField()


class Delivery(models.Model):
    """One entry on its way to one target of one consumer, or (without a target) an entry that a consumer could not take.

    Deliveries of one record to one target are handed over in the order of the journal.
    """

    WAITING, DONE, DEAD = "waiting", "done", "dead"

    consumer = models.CharField(max_length=40)
    target = models.CharField(max_length=64)
    """Which of the consumer's targets; empty for the consumer itself."""
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="deliveries")
    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    key = models.CharField(max_length=190, unique=True)
    """The same for the same entry, consumer and target, however often it is tried."""
    status = models.CharField(max_length=10, default=WAITING)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    first_at = models.DateTimeField(null=True)
    """The first attempt; the time for retrying counts from here."""
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    """Until then it belongs to the worker that claimed it; afterwards the worker is taken for dead."""
    claimed_by = models.CharField(max_length=40, blank=True, default="")
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=40, blank=True, default="")
    """Why the last attempt failed, as a code; empty when it did not."""
    detail = models.TextField(blank=True, default="")
    request = models.TextField(blank=True, default="")
    """What was sent last."""
    response_status = models.IntegerField(null=True)
    response = models.TextField(blank=True, default="")
    """The beginning of the last answer."""

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="journal_delivery_due", condition=models.Q(status="waiting")),
            models.Index(
                fields=["consumer", "target", "object", "record", "entry"],
                name="journal_delivery_chain",
                condition=models.Q(status="waiting"),
            ),
            models.Index(fields=["status", "-id"], name="journal_delivery_status"),
            models.Index(fields=["consumer", "target", "status", "-id"], name="journal_delivery_target"),
        ]

    @property
    def event(self) -> str:
        """The name of the entry in the world outside, the same at every attempt: receivers know repetitions by it."""
        return f"evt_{self.key.partition(':')[0]}"
