"""Which fields a file can fill, for whom, and by which values records can be found."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.kernel.labels import Label
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

ID = "id"
"""Stands for the number of a record in this installation: found by it, never written."""
ID_LABEL = Label("Record id", "记录 ID")
_NOT_FROM_FILES = ("file", "image", "roll_up", "roll_up_money", "formula")
_KEYS = ("text", "email", "phone", "url", "integer", "auto_number")


def importable(actor: Actor, kind: ObjectType) -> bool:
    """Whether the actor may bring in records of the object at all."""
    if kind.declaration.kind == "log" or not actor.can("import", kind.key):
        return False
    return actor.can("create", kind.key) or actor.can("edit", kind.key)


def offered(actor: Actor, kind: ObjectType) -> dict[str, FieldDefinition]:
    """The fields that the actor may fill from a file, by key; the external id among them."""
    return {
        field.key: field
        for field in kind.fields.values()
        if field.writable
        and (field.shown or field.key == "external_id")
        and field.kind.name not in _NOT_FROM_FILES
        and actor.field_level(kind.key, field.key) == "write"
    }


def keys(actor: Actor, kind: ObjectType) -> dict[str, FieldDefinition | None]:
    """What the rows of a file can be matched with records by; ``None`` stands for the number of the record."""
    found: dict[str, FieldDefinition | None] = {ID: None}
    for field in kind.fields.values():
        readable = actor.field_level(kind.key, field.key) in ("read", "write")
        if readable and not field.virtual and field.kind.name in _KEYS and (field.shown or field.key == "external_id"):
            found[field.key] = field
    return found


def ways(target: ObjectType, actor: Actor) -> list[str]:
    """By which fields a record of the object can be named in a cell, the most usual first."""
    declaration = target.declaration
    found = [key for key in (declaration.title, declaration.title_en) if key]
    found += [field.key for field in target.fields.values() if field.spec.unique or field.kind.name == "auto_number"]
    found += [key for key in ("username", "email") if declaration.kind == "directory" and key in target.fields]
    found.append("external_id")
    return [
        key
        for key in dict.fromkeys(found)
        if target.fields[key].kind.family == "text" and actor.field_level(target.key, key) in ("read", "write")
    ]


def target_of(field: FieldDefinition) -> ObjectType | None:
    """The object that a lookup or a links field points to."""
    if field.kind.family not in ("lookup", "links"):
        return None
    return snapshot().objects.get(field.spec.target)
