"""Finding records by a value of their own: the number they have in another system, or a field that is unique."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType

EXTERNAL = "external_id"
FAMILIES = ("text", "number")


@dataclass(frozen=True, slots=True)
class KeyField:
    """A field by which a record is found."""

    field: FieldDefinition

    def value(self, text: object) -> Any:
        """The value meant by a text; :class:`QueryError` in words where it is none."""
        try:
            found = self.field.kind.parse(text, self.field.spec)
        except ValueError as error:
            raise QueryError(str(error)) from error
        if found is None:
            raise QueryError(_("Say by which value of %(field)s.") % {"field": self.field.label})
        return found


def fields_of(actor: Actor, kind: ObjectType, *, write: bool = False) -> list[FieldDefinition]:
    """The fields by which the actor can find records of an object; with ``write`` those it may fill in as well."""
    return [field for field in kind.fields.values() if _fits(field) and _open(actor, kind, field, write=write)]


def key_field(actor: Actor, kind: ObjectType, key: str, *, write: bool = False) -> KeyField:
    """The field of this name; :class:`QueryError` with the possible ones where it is not one of them."""
    possible = {field.key: field for field in fields_of(actor, kind, write=write)}
    if key not in possible:
        raise QueryError(
            _("A record is found by one of these fields: %(fields)s.") % {"fields": ", ".join(possible) or "–"}
        )
    return KeyField(possible[key])


def _fits(field: FieldDefinition) -> bool:
    return (
        (field.key == EXTERNAL or field.spec.unique)
        and not field.virtual
        and not field.custom
        and field.kind.family in FAMILIES
        and field.kind.name != "encrypted"
    )


def _open(actor: Actor, kind: ObjectType, field: FieldDefinition, *, write: bool) -> bool:
    level = actor.field_level(kind.key, field.key)
    return level == "write" and field.writable if write else level in ("read", "write")
