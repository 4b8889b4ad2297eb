"""Booleans and picklists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.sql import JsonType
from guanxi.kernel.text import normalise
from guanxi.schema.kinds.kind import CHOOSE, Family, Kind, Reading

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

_TRUE = frozenset({"true", "1", "yes", "y", "on", "是", "真", "对"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "否", "假", "错"})


class Boolean(Kind):
    """Yes or no; never empty."""

    name = "boolean"
    family: ClassVar[Family] = "boolean"
    operators = ("eq", "ne")
    widget = "boolean"
    json_type: ClassVar[JsonType] = "boolean"
    blank = False
    groupable = True

    def parse(self, raw: object, spec: FieldSpec) -> bool:
        text = str(raw).strip().lower() if raw is not None else ""
        if text in _TRUE:
            return True
        if text in _FALSE or not text:
            return False
        raise ValueError(_("Enter yes or no."))

    def value(self, stored: Any) -> Any:
        return bool(stored)

    def json_value(self, stored: Any) -> Any:
        return None if stored is None else bool(stored)

    def to_text(self, value: Any) -> str:
        return "yes" if value else "no"

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        zh = reading.language.startswith("zh")
        return ("是" if zh else "Yes") if value else ("否" if zh else "No")

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "boolean"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.BooleanField(default=bool(spec.default))


def find_option(raw: str, spec: FieldSpec) -> str:
    """The key of the option with this key or with this label in either language; ``ValueError`` with the choices."""
    text = normalise(raw)
    for option in spec.options:
        if raw == option.key or text in {normalise(name) for name in (option.key, *option.label.both())}:
            return option.key
    names = _(", ").join(str(option.label) for option in spec.options if not option.retired)
    raise ValueError(_("“%(value)s” is not one of the choices: %(choices)s") % {"value": raw[:80], "choices": names})


class Select(Kind):
    """One of the field's options, by key."""

    name = "select"
    family: ClassVar[Family] = "choice"
    operators = CHOOSE
    widget = "select"
    blank = ""
    groupable = True

    def parse(self, raw: object, spec: FieldSpec) -> str | None:
        text = str(raw).strip() if raw is not None else ""
        return find_option(text, spec) if text else None

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        option = spec.option(value) if value else None
        return option.label.text(reading.language) if option else (value or "")

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "enum": [option.key for option in spec.options]}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=64, blank=True, default="")


class MultiSelect(Kind):
    """Any of the field's options; kept as ``,a,b,`` in the order of the options."""

    name = "multi_select"
    family: ClassVar[Family] = "choices"
    operators = ("has", "has_not", "empty", "not_empty")
    widget = "multi_select"
    blank = ""
    sortable = False

    def parse(self, raw: object, spec: FieldSpec) -> tuple[str, ...] | None:
        if raw is None or raw == "":
            return None
        parts: Iterable[object] = raw if isinstance(raw, list | tuple | set) else re.split(r"[,;、，；]", str(raw))
        chosen = {find_option(str(part).strip(), spec) for part in parts if str(part).strip()}
        return tuple(option.key for option in spec.options if option.key in chosen) or None

    def storage(self, value: Any) -> Any:
        return f",{','.join(value)}," if value else ""

    def value(self, stored: Any) -> Any:
        return tuple(stored.strip(",").split(",")) if stored else None

    def to_json(self, value: Any) -> Any:
        return list(value) if value else None

    def to_text(self, value: Any) -> str:
        return ",".join(value) if value else ""

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        labels = [option.label.text(reading.language) for option in spec.options if option.key in (value or ())]
        return ("、" if reading.language.startswith("zh") else ", ").join(labels)

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": [option.key for option in spec.options]}}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=1000, blank=True, default="")
