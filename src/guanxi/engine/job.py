"""Tables of the work done in the background: jobs that somebody started, and when periodic work ran last."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

UNFINISHED = ("queued", "running")
FINISHED = ("done", "failed", "cancelled")


class Job(models.Model):
    """A piece of work that one person, or the program, started; written by :mod:`guanxi.engine.jobs` alone."""

    kind = models.CharField(max_length=60)
    title_en = models.CharField(max_length=300)
    title_zh = models.CharField(max_length=300)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    """Null for the program itself."""
    rights: models.JSONField[list[str] | None, list[str] | None] = models.JSONField(null=True)
    """The rights that the API key left with which it was started; null leaves all."""
    language = models.CharField(max_length=10)
    arguments: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    status = models.CharField(max_length=10, default="queued")
    """queued, running, done, failed or cancelled."""
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.CharField(max_length=300, blank=True, default="")
    state: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """The last checkpoint, from which another worker goes on."""
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    """``en``, ``zh`` (a sentence), ``counts`` (numbers by name) and ``address`` (a page of the program)."""
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    attempt = models.IntegerField(default=0)
    """How often a worker has begun with it."""
    enqueued_at = models.DateTimeField()
    """When it was handed to the queue last."""
    task = models.CharField(max_length=64, blank=True, default="")
    """Its id in the queue."""
    lease = models.CharField(max_length=32, blank=True, default="")
    """Token of the worker that holds it; whoever has another one may write nothing for it any more."""
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["started_by", "-id"], name="engine_job_person"),
            models.Index(
                fields=["status", "id"],
                condition=models.Q(status__in=("queued", "running")),
                name="engine_job_unfinished",
            ),
            models.Index(fields=["finished_at"], name="engine_job_finished"),
        ]


class PeriodicRun(models.Model):
    """The last period for which a piece of periodic work was done."""

    name = models.CharField(max_length=60, primary_key=True)
    period = models.BigIntegerField(default=-1)
    """Number of the period since 1970."""
    ran_at = models.DateTimeField(null=True)
