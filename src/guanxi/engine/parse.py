"""From raw texts (a form, an API call, a file) to Python values, with every error beside its field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import ObjectType
from guanxi.schema.kinds.structured import HIDDEN
from guanxi.schema.spec import FieldSpec


def parse_values(kind: ObjectType, raw: Mapping[str, object], *, only: Collection[str] | None = None) -> dict[str, Any]:
    """The values meant by ``raw``, by field key; keys outside ``only`` are refused when it is given.

    Raises :class:`Invalid` with the messages of every field that cannot be read, unknown and computed ones included.
    """
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for key, text in raw.items():
        field = kind.fields.get(key)
        if field is None or (only is not None and key not in only):
            errors[key] = [_("There is no such field.")]
        elif not field.writable:
            errors[key] = [_("This field is computed and cannot be set.")]
        elif field.kind.name == "encrypted" and text == HIDDEN:
            continue
        else:
            _parse(key, field.spec, text, values, errors)
    if errors:
        raise refusal(errors)
    return values


def parse_inputs(specs: Mapping[str, FieldSpec], raw: Mapping[str, object]) -> dict[str, Any]:
    """The inputs of an action; those left out have their default, required ones must be there. Raises :class:`Invalid`."""
    errors: dict[str, list[str]] = {key: [_("There is no such field.")] for key in raw if key not in specs}
    values: dict[str, Any] = {}
    for key, spec in specs.items():
        if key in raw or spec.default is None:
            _parse(key, spec, raw.get(key), values, errors)
        else:
            values[key] = spec.default() if callable(spec.default) else spec.default
        if key not in errors and values.get(key) is None and spec.required:
            errors[key] = [_("Please fill in %(field)s.") % {"field": spec.label}]
    if errors:
        raise refusal(errors)
    return values


def _parse(key: str, spec: FieldSpec, text: object, values: dict[str, Any], errors: dict[str, list[str]]) -> None:
    try:
        if isinstance(text, dict) or (isinstance(text, list) and spec.kind.family not in ("choices", "links", "none")):
            raise ValueError(_("Give a single value."))
        value = spec.kind.parse(text, spec)
        if value is not None and (problem := spec.kind.check(value, spec)):
            raise ValueError(problem)
        values[key] = value
    except ValueError as error:
        errors[key] = [str(error)]


def refusal(errors: Mapping[str, list[str]]) -> Invalid:
    """The refusal of values, with a sentence for the whole."""
    return Invalid(_("Some values need attention. Nothing was saved; correct them and save again."), errors)
