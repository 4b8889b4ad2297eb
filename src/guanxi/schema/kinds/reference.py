"""Kinds that point to other records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.sql import JsonType
from guanxi.schema.kinds.kind import CHOOSE, Family, Kind

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

_REFERENCE = re.compile(r"^[a-z][a-z0-9_]{0,62}:[0-9]{1,18}$")


def record_id(raw: object) -> int:
    """A record id from a number or its text; ``ValueError`` in words otherwise."""
    text = str(raw).strip()
    if isinstance(raw, bool) or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(_("Choose a record from the list."))
    return int(text)


class Lookup(Kind):
    """A reference to one record of one object, by id."""

    name = "lookup"
    family: ClassVar[Family] = "lookup"
    operators: ClassVar[tuple[str, ...]] = CHOOSE
    widget = "lookup"
    json_type: ClassVar[JsonType] = "integer"
    groupable = True

    def parse(self, raw: object, spec: FieldSpec) -> int | None:
        return None if raw is None or raw == "" else record_id(raw)

    def model(self, spec: FieldSpec) -> str:
        """The Django label of the model pointed to, declared with the field."""
        return str(spec.extra["model"])

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "integer", "format": "int64", "description": f"id of a record of the object {spec.target}"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        related = str(spec.extra.get("related_name", "+"))
        policy = models.CASCADE if spec.extra.get("cascade") else models.PROTECT
        return models.ForeignKey(self.model(spec), on_delete=policy, null=True, blank=True, related_name=related)


class Owner(Lookup):
    """The person responsible for the record."""

    name = "owner"
    widget = "lookup"

    def model(self, spec: FieldSpec) -> str:
        return settings.AUTH_USER_MODEL


class Reference(Kind):
    """A reference to a record of any object, kept as ``object:id``."""

    name = "reference"
    family: ClassVar[Family] = "reference"
    operators: ClassVar[tuple[str, ...]] = CHOOSE
    widget = "reference"
    blank = ""
    sortable = False

    def parse(self, raw: object, spec: FieldSpec) -> str | None:
        text = str(raw).strip() if raw is not None else ""
        if text and not _REFERENCE.match(text):
            raise ValueError(_("Choose a record from the list."))
        return text or None

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[a-z][a-z0-9_]*:[0-9]+$"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=84, blank=True, default="", db_index=True)


class Links(Kind):
    """References to several records of one object, kept as rows of ``schema.Link``."""

    name = "links"
    family: ClassVar[Family] = "links"
    operators = ("has", "has_not", "empty", "not_empty")
    widget = "links"
    sortable = False
    virtual = True

    def parse(self, raw: object, spec: FieldSpec) -> tuple[int, ...] | None:
        if raw is None or raw == "":
            return None
        parts = raw if isinstance(raw, list | tuple | set) else str(raw).split(",")
        return tuple(sorted({record_id(part) for part in parts if str(part).strip()})) or None

    def to_json(self, value: Any) -> Any:
        return list(value) if value else None

    def to_text(self, value: Any) -> str:
        return ",".join(str(part) for part in value or ())

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "integer", "format": "int64"}}


class Tags(Links):
    """Tags on a record: links to the object ``tag``."""

    name = "tags"
    widget = "tags"


class File(Lookup):
    """A stored file."""

    name = "file"
    widget = "file"
    operators: ClassVar[tuple[str, ...]] = ("empty", "not_empty")
    sortable = False
    groupable = False


class Image(File):
    """A stored picture."""

    name = "image"
    widget = "image"
