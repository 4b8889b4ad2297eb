"""The abstract models every object is built on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.base import ModelState

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

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_options: Any) -> Self:
        """A record from a row. As Django's, without its signals and checks per value, which no record needs: five times
        faster, and every mass update and undo begins with it. Columns left out are fetched when they are asked for."""
        return cls._made(dict(zip(field_names, values, strict=True)), db)

    @classmethod
    def blank(cls) -> Self:
        """A new record with the defaults of its columns, not yet stored; as ``cls()``, for making thousands."""
        plain, made = _defaults(cls)
        values = dict(plain)
        for name, make in made:
            values[name] = make()
        return cls._made(values, None)

    @classmethod
    def _made(cls, values: dict[str, Any], db: str | None) -> Self:
        record = cls.__new__(cls)
        state = ModelState()
        state.adding, state.db = db is None, db
        values["_state"] = state
        record.__dict__ = values
        return record


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], tuple[tuple[str, Any], ...]]:
    """The defaults that are the same for every record, and what makes the others."""
    fields = model._meta.concrete_fields
    made = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    return {f.attname: f.get_default() for f in fields if f.attname not in made}, tuple(made.items())


class OwnedRecord(Record):
    """A record with a person responsible; scopes (own, reports, department…) look at its owner."""

    # Without an index of its own: every object has one of the owner with the order of its list, which counts a person's
    # live records without touching them; beside it the planner would take the plain one and look at every row.
    owner: Any = fields.owner(index=False)

    class Meta:
        abstract = True
