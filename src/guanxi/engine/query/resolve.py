"""From a path and a raw value to a field the actor may compare and a canonical value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.query.periods import is_period
from guanxi.engine.query.tree import SEARCH, Condition, Scalar, Value
from guanxi.kernel.errors import QueryError
from guanxi.kernel.text import UNSTORABLE, normalise
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.temporal import Date
from guanxi.schema.registry import snapshot

MAX_PATH = 4
MAX_VALUES = 1000
LISTED = frozenset({"in", "not_in", "has", "has_not"})
VALUELESS = frozenset({"empty", "not_empty"})
ME, MY_TEAM = "me", "my_team"
DAY = Date()


@dataclass(frozen=True, slots=True)
class Path:
    """The lookups a path goes through, and the field it ends in."""

    steps: tuple[FieldDefinition, ...]
    field: FieldDefinition

    @property
    def text(self) -> str:
        """The path with keys."""
        return ".".join(step.key for step in (*self.steps, self.field))


def operators_for(field: FieldDefinition) -> tuple[str, ...]:
    """The operators a field can be compared with."""
    return field.kind.operators


def find_path(text: str, kind: ObjectType, actor: Actor) -> Path:
    """The field a path names. Every step must be a field the actor may see unmasked; :class:`QueryError` otherwise."""
    parts = text.split(".")
    if len(parts) > MAX_PATH:
        raise QueryError(_("“%(path)s” goes through too many records.") % {"path": text[:80]})
    steps: list[FieldDefinition] = []
    for part in parts[:-1]:
        step = find_field(part, kind, actor)
        if step.kind.family != "lookup" or step.spec.target not in snapshot().objects:
            raise QueryError(_("“%(field)s” does not lead to another record.") % {"field": part[:63]})
        kind = snapshot().get(step.spec.target)
        if not actor.can("read", kind.key):
            raise unknown(part, kind)
        steps.append(step)
    return Path(tuple(steps), find_field(parts[-1], kind, actor))


def find_field(name: str, kind: ObjectType, actor: Actor) -> FieldDefinition:
    """A field by key, by label in either language, or by the beginning of its key, if the actor may compare it."""
    field = kind.fields.get(name) or _by_name(name, kind)
    if field is None or actor.field_level(kind.key, field.key) in ("hidden", "masked"):
        raise unknown(name, kind)
    return field


def _by_name(name: str, kind: ObjectType) -> FieldDefinition | None:
    for suffix in ("_on", "_at"):
        if field := kind.fields.get(name + suffix):
            return field
    wanted = normalise(name).replace("_", " ")
    for field in kind.fields.values():
        if field.shown and wanted in (normalise(field.label.en), normalise(field.label.zh)):
            return field
    starting = [field for field in kind.fields.values() if field.shown and field.key.startswith(name)]
    return starting[0] if len(starting) == 1 and len(name) > 2 else None


def search_column(kind: ObjectType, actor: Actor) -> FieldDefinition | None:
    """``None`` when the whole search key may be searched; otherwise the title, where a field of the key is closed."""
    open_levels = ("read", "write")
    closed = [key for key in kind.declaration.search if actor.field_level(kind.key, key) not in open_levels]
    if not closed and kind.declaration.search:
        return None
    if actor.field_level(kind.key, kind.title.key) not in open_levels:
        raise unknown(SEARCH, kind)
    return kind.title


def unknown(name: str, kind: ObjectType) -> QueryError:
    """The same words for a field that does not exist and one the actor may not compare."""
    return QueryError(
        _("%(object)s has no field “%(field)s” that you can search by.") % {"object": kind.label, "field": name[:63]}
    )


def checked(condition: Condition, kind: ObjectType, actor: Actor) -> tuple[Path | None, Condition]:
    """The path of a condition and the condition with its value made canonical; the path is ``None`` for search words."""
    if condition.path == SEARCH:
        text = str(condition.value or "").strip()
        if condition.op != "contains" or not text:
            raise QueryError(_("Type a word to search for."))
        return None, Condition(SEARCH, "contains", text)
    path = find_path(condition.path, kind, actor)
    if condition.op not in path.field.kind.operators:
        raise QueryError(
            _("“%(field)s” cannot be compared with “%(op)s”.") % {"field": path.field.label, "op": condition.op[:20]}
        )
    return path, Condition(path.text, condition.op, canonical(path.field, condition.op, condition.value))


def canonical(field: FieldDefinition, op: str, value: Any) -> Value:
    """The value as the tree holds it; :class:`QueryError` in words when it is not one for this field."""
    if op in VALUELESS:
        return None
    if op in LISTED:
        items = value if isinstance(value, list | tuple) else (value,)
        if not items or len(items) > MAX_VALUES:
            raise QueryError(_("Give between 1 and %(limit)d values.") % {"limit": MAX_VALUES})
        return tuple(dict.fromkeys(scalar(field, item) for item in items))
    if isinstance(value, list | tuple | dict):
        raise QueryError(_("“%(field)s” takes one value here.") % {"field": field.label})
    if op in ("contains", "not_contains", "starts"):
        return plain_text(field, value)
    return scalar(field, value)


def plain_text(field: FieldDefinition, value: Any) -> str:
    """A text to look for inside a field."""
    text = "" if value is None else str(value)
    if not text or UNSTORABLE.search(text):
        raise _no_value(field)
    return text


def scalar(field: FieldDefinition, value: Any) -> Scalar:
    """One canonical value: an id or a name for lookups, a period or a day for dates, the kind's own text otherwise."""
    family = field.kind.family
    if value is None or value == "" or isinstance(value, list | tuple | dict):
        raise _no_value(field)
    if family in ("lookup", "links"):
        return _target(field, value)
    if family in ("date", "datetime") and isinstance(value, str) and is_period(value):
        return value
    if family == "datetime" and isinstance(value, str) and len(value) == 10:
        return _whole_day(field, value)
    try:
        parsed = field.kind.parse(value, field.spec)
    except ValueError as error:
        raise QueryError(f"{field.label}: {error}") from error
    if parsed is None:
        raise _no_value(field)
    if isinstance(parsed, tuple):
        parsed = parsed[0]
        return str(parsed)
    return parsed if isinstance(parsed, bool) else field.kind.to_text(parsed)


def _whole_day(field: FieldDefinition, value: str) -> str:
    """A day given to a datetime field means the whole day in the person's time zone."""
    try:
        return DAY.to_text(DAY.parse(value, field.spec))
    except ValueError as error:
        raise QueryError(f"{field.label}: {error}") from error


def _target(field: FieldDefinition, value: Any) -> Scalar:
    if isinstance(value, bool):
        raise _no_value(field)
    if isinstance(value, int):
        if not 0 <= value < 2**63:
            raise _no_value(field)
        return value
    text = str(value).strip()
    if text.startswith("#") and text[1:].isascii() and text[1:].isdigit() and len(text) < 20:
        return int(text[1:])
    if not text or UNSTORABLE.search(text):
        raise _no_value(field)
    return text


def _no_value(field: FieldDefinition) -> QueryError:
    return QueryError(_("Give a value to compare “%(field)s” with.") % {"field": field.label})
