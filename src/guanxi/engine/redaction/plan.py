"""What is to be taken out of the history of one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.parse import refusal
from guanxi.engine.read import missing
from guanxi.engine.retention.policy import require_administrator
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Refused
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

PERSONAL = frozenset(
    ("text", "long_text", "rich_text", "email", "phone", "url", "address", "geo_point", "encrypted", "file", "image")
)
"""Kinds of fields that hold what somebody wrote about a person; others say so with ``extra={"personal": True}``."""
FILES = "file"
"""The names of files, as the journal calls them."""
REASON = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """A redaction that has been checked."""

    object: str
    record: int
    fields: tuple[str, ...]
    reason: str
    follow_ups: bool = False
    """Whether the texts of follow-ups and tasks about the record go as well."""
    erase: bool = False
    """Whether the record itself is emptied of the same fields."""

    def as_json(self) -> dict[str, Any]:
        """As arguments of a job."""
        return asdict(self) | {"fields": list(self.fields)}


def offered(kind: ObjectType) -> tuple[FieldDefinition, ...]:
    """The fields whose values can be in the history."""
    return tuple(f for f in kind.fields.values() if f.spec.audited and f.spec.rollup is None and not f.system)


def is_personal(field: FieldDefinition) -> bool:
    """Whether a field usually holds data of a person."""
    return bool(field.spec.extra.get("personal")) or field.kind.name in PERSONAL


def personal(kind: ObjectType) -> tuple[str, ...]:
    """Keys of the fields that are chosen beforehand."""
    return tuple(field.key for field in offered(kind) if is_personal(field))


def find(actor: Actor, object_key: str, record_id: int) -> ObjectType:
    """The object of a record that is there, in the recycle bin, or purged but still in the history.

    Raises :class:`Refused` for everybody but administrators.
    """
    require_administrator(actor)
    kind = snapshot().get(object_key)
    if kind.declaration.kind == "log":
        raise Refused(_("%(objects)s have no history of their own.") % {"objects": kind.plural})
    exists = kind.model._default_manager.filter(pk=record_id).exists()
    if not exists and not Entry.objects.filter(object=kind.key, record=record_id).exists():
        raise missing(kind)
    return kind


def make(
    actor: Actor,
    object_key: str,
    record_id: int,
    fields: Sequence[str] | None,
    reason: str,
    *,
    follow_ups: bool = False,
    erase: bool = False,
) -> Plan:
    """Check what was asked for; without ``fields`` those that usually hold data of a person. Raises :class:`Invalid`."""
    kind = find(actor, object_key, record_id)
    known = {field.key for field in offered(kind)} | {FILES}
    chosen = tuple(dict.fromkeys((personal(kind) or tuple(known)) if fields is None else fields))
    errors: dict[str, list[str]] = {}
    if unknown := [key for key in chosen if key not in known]:
        errors["fields"] = [_("There is no field “%(key)s”.") % {"key": unknown[0][:63]}]
    elif not chosen:
        errors["fields"] = [_("Choose at least one field.")]
    reason = reason.strip()
    if not 3 <= len(reason) <= REASON:
        errors["reason"] = [_("Say why, in 3 to %(most)d characters, without naming the person.") % {"most": REASON}]
    if erase and not kind.model._default_manager.filter(pk=record_id, deleted_at=None).exists():
        errors["erase"] = [_("The record is in the recycle bin or gone; only its history can be redacted.")]
    if errors:
        raise refusal(errors)
    return Plan(kind.key, record_id, chosen, reason, follow_ups, erase)
