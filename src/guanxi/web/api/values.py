"""The types of JSON that each field takes, checked before the value is understood; and the same as schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.parse import parse_inputs, parse_values, refusal
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.schema.spec import FieldSpec
from guanxi.web.api.describing import Json

_MORE = {"number": ["string", "number"], "boolean": ["boolean", "string"], "lookup": ["integer", "string"]}
"""Families of which a text is understood as well as the value itself."""


def values_of(kind: ObjectType, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record sent; raises :class:`Invalid` with what is wrong with each field."""
    wrong = _wrong_types({key: field.spec for key, field in kind.fields.items()}, raw)
    return _all_told(lambda rest: parse_values(kind, rest), raw, wrong)


def inputs_of(specs: Mapping[str, FieldSpec], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of an action sent."""
    wrong = _wrong_types(specs, raw)
    return parse_inputs(specs, raw) if not wrong else _all_told(lambda rest: parse_inputs(specs, rest), raw, wrong)


def check_types(specs: Mapping[str, FieldSpec], raw: Mapping[str, Any]) -> None:
    """Refuse values of a JSON type that the field does not take; unknown fields are told later."""
    if wrong := _wrong_types(specs, raw):
        raise refusal(wrong)


def _wrong_types(specs: Mapping[str, FieldSpec], raw: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: [said] for key, value in raw.items() if key in specs and (said := _wrong(specs[key], value))}


def _all_told(
    parse: Callable[[dict[str, Any]], dict[str, Any]], raw: Mapping[str, Any], wrong: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The values; where some have a wrong type, what is wrong with the others is told along with that."""
    try:
        values = parse({key: value for key, value in raw.items() if key not in wrong})
    except Invalid as error:
        raise refusal({**error.fields, **wrong}) from error
    if wrong:
        raise refusal(wrong)
    return values


def _wrong(spec: FieldSpec, value: Any) -> str:
    family = spec.kind.family
    if value is None or spec.read_only:
        return ""
    if family in ("choices", "links"):
        empty = isinstance(value, list) and any(item in (None, "") or isinstance(item, bool | float) for item in value)
        return _("Send a list.") if not isinstance(value, list) or empty else ""
    if family == "number":
        right = isinstance(value, int | float | str) and not isinstance(value, bool)
        return "" if right else _("Enter a number.")
    if family == "boolean":
        return "" if isinstance(value, bool | str) else _("Enter yes or no.")
    if family == "lookup":
        right = isinstance(value, int | str) and not isinstance(value, bool)
        return "" if right else _("Choose a record from the list.")
    return "" if isinstance(value, str) else _("Enter a text.")


def shown_schema(actor: Actor, field: FieldDefinition) -> Json:
    """The schema of a field's value in an answer."""
    schema = _named(field, _nullable(field.kind.json_schema(field.spec)))
    if actor.field_level(field.object_key, field.key) == "masked":
        schema = _named(field, {"type": ["string", "null"]})
    if not field.writable:
        schema["readOnly"] = True
    return schema


def sent_schema(field: FieldDefinition) -> Json:
    """The schema of a field's value as it is sent: with what is understood besides."""
    return _named(field, input_schema(field.spec))


def input_schema(spec: FieldSpec) -> Json:
    """The schema of a value as it is sent."""
    schema = dict(spec.kind.json_schema(spec))
    more = _MORE.get(spec.kind.family)
    if more is None:
        if schema["type"] == "string" and "enum" not in schema and spec.max_length:
            schema["maxLength"] = spec.max_length
        return _nullable(schema)
    types = ["integer", "string"] if schema["type"] == "integer" else more
    # A text may hold what a pattern would not let pass, such as an amount with a unit.
    kept = {key: value for key, value in schema.items() if key not in ("type", "pattern")}
    return {**kept, "type": [*types, "null"]}


def _named(field: FieldDefinition, schema: Json) -> Json:
    """With the label of the field; not as the title, from which generators of clients would make names of classes."""
    label = str(field.label)
    if field.kind.family in ("lookup", "links") and field.spec.target in snapshot().objects:
        label = _("%(field)s: id of a record of %(object)s") % {"field": label, "object": field.spec.target}
    schema["description"] = label
    return schema


def _nullable(schema: Mapping[str, Any]) -> Json:
    result = dict(schema)
    result["type"] = [schema["type"], "null"]
    if "enum" in result:
        result["enum"] = [*result["enum"], None]
    return result
