"""The abstract models every object is built on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from guanxi.schema import fields


class Record(models.Model):
    """A record of any object. Its system columns are kept by the write door alone."""

    id: int
    created_at: models.Field[datetime, datetime] = fields.datetime("Created", "创建时间", read_only=True, audited=False)
    created_by: Any = fields.owner("Created by", "创建人", read_only=True, audited=False)
    updated_at: models.Field[datetime, datetime] = fields.datetime(
        "Last changed", "更新时间", read_only=True, audited=False
    )
    updated_by: Any = fields.owner("Last changed by", "更新人", read_only=True, audited=False)
    deleted_at: models.Field[datetime | None, datetime | None] = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    external_id: Any = fields.text("External id", "外部编号", max_length=120, hidden=True)
    search_key = models.CharField(max_length=420, blank=True, default="")
    extra: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, blank=True)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


class OwnedRecord(Record):
    """A record with a person responsible; scopes (own, reports, department…) look at its owner."""

    # Without an index of its own: every object has one of the owner with the order of its list, which counts a person's
    # live records without touching them; beside it the planner would take the plain one and look at every row.
    owner: Any = fields.owner(index=False)

    class Meta:
        abstract = True
