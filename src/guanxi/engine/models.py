"""Tables of the engine: requests for exports, and what is no record: views, notifications, keys, files, recents."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guanxi.engine.aggregates.tables import AggregateRow as AggregateRow
from guanxi.engine.aggregates.tables import AggregateState as AggregateState
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.engine.match_record import DuplicateGroup as DuplicateGroup
from guanxi.engine.match_record import DuplicateSetting as DuplicateSetting
from guanxi.engine.match_record import FoundPair as FoundPair
from guanxi.engine.match_record import MatchKey as MatchKey
from guanxi.engine.match_record import NotDuplicate as NotDuplicate
from guanxi.engine.merge_record import Merge as Merge
from guanxi.engine.merge_record import MergedInto as MergedInto
from guanxi.engine.notifications.tables import Follow as Follow
from guanxi.engine.notifications.tables import NoticeMail as NoticeMail
from guanxi.engine.notifications.tables import Notification
from guanxi.engine.search.tables import SearchDocument as SearchDocument
from guanxi.engine.search.tables import SearchRebuild as SearchRebuild

__all__ = ["ApiKey", "IdentityLink", "IdentityProvider", "Notification", "Recent", "SavedView", "StoredFile"]

from guanxi.engine.bulk.tables import BulkRejection as BulkRejection
from guanxi.engine.bulk.tables import BulkRun as BulkRun
from guanxi.engine.bulk.tables import BulkSlice as BulkSlice
from guanxi.engine.export_request import ExportRequest as ExportRequest
from guanxi.engine.field_index import FieldIndex as FieldIndex
from guanxi.engine.idempotency import IdempotentAnswer as IdempotentAnswer
from guanxi.engine.importing.tables import Import as Import
from guanxi.engine.importing.tables import ImportDeferral as ImportDeferral
from guanxi.engine.importing.tables import ImportRejection as ImportRejection
from guanxi.engine.importing.tables import ImportTemplate as ImportTemplate
from guanxi.engine.job import Job as Job
from guanxi.engine.job import PeriodicRun as PeriodicRun
from guanxi.engine.retention_policy import RetentionPolicy as RetentionPolicy
from guanxi.engine.retention_policy import ThinnedChangeSet as ThinnedChangeSet


class SavedView(models.Model):
    """A list as a person left it: filter, sort, columns and layout; private or shared."""

    object = models.CharField(max_length=63, db_index=True)
    name = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    shared = models.CharField(max_length=12, default="private")
    """private, department (the owner's) or everyone."""
    query = models.TextField(blank=True, default="")
    """A typed query line."""
    sort = models.CharField(max_length=200, blank=True, default="")
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    layout = models.CharField(max_length=12, default="table")
    by = models.CharField(max_length=200, blank=True, default="")
    """What a summary groups by, as in the address bar: ``stage,close_on:month``."""
    summed = models.CharField(max_length=200, blank=True, default="")
    """The fields that a summary adds up, separated by commas."""
    pinned = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    position = models.IntegerField(default=0)


class ApiKey(models.Model):
    """A key for the API. Only its hash is kept; it never reaches further than its owner."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12)
    """The first characters, to recognise it by."""
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the key, in hexadecimal."""
    rights: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    """Rights it leaves of the owner's; empty leaves all."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class Recent(models.Model):
    """The last time a person opened a record."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "object", "record"], name="engine_recent_once")]
        indexes = [models.Index(fields=["person", "-at"], name="engine_recent_latest")]


class StoredFile(models.Model):
    """A file kept for a record; its name on disk is never the one it came with."""

    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    object = models.CharField(max_length=63, blank=True, default="")
    record = models.BigIntegerField(null=True)
    """The record whose visibility it shares."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["object", "record"], name="engine_storedfile_record")]
