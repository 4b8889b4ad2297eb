"""Kinds whose value is a number."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from babel import Locale
from babel.numbers import format_decimal
from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel import money
from guanxi.kernel.sql import JsonType
from guanxi.schema.kinds.kind import COMPARE, Family, Kind, Reading

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

BIGINT = 2**63 - 1


@lru_cache
def babel_locale(language: str) -> Locale:
    """The Babel locale of a Django language code; its name would be looked up anew for every number on a page."""
    return Locale.parse("zh_Hans_CN" if language.startswith("zh") else "en")


class Number(Kind):
    """Shared by all numbers."""

    family: ClassVar[Family] = "number"
    operators: ClassVar[tuple[str, ...]] = COMPARE
    widget = "number"

    def decimal(self, raw: object) -> Decimal:
        """The number meant by a text or a JSON number; thousands separators and a percent sign are understood."""
        if isinstance(raw, bool):
            raise ValueError(_("Enter a number."))
        text = re.sub(r"[,，\s]", "", str(raw)).rstrip("%")
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ValueError(_("Enter a number.")) from error
        if not number.is_finite():
            raise ValueError(_("Enter a number."))
        return number

    def check(self, value: Any, spec: FieldSpec) -> str | None:
        if spec.minimum is not None and value < spec.minimum:
            return _("Enter %(limit)s or more.") % {"limit": spec.minimum}
        if spec.maximum is not None and value > spec.maximum:
            return _("Enter %(limit)s or less.") % {"limit": spec.maximum}
        return None


class Integer(Number):
    """A whole number of 64 bits."""

    name = "integer"
    json_type: ClassVar[JsonType] = "integer"

    def parse(self, raw: object, spec: FieldSpec) -> int | None:
        if raw is None or raw == "":
            return None
        number = self.decimal(raw)
        if number != number.to_integral_value():
            raise ValueError(_("Enter a whole number."))
        if abs(number) > BIGINT:
            raise ValueError(_("This number is too large."))
        return int(number)

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        if value is None:
            return ""
        if spec.extra.get("plain"):
            return str(value)
        return format_decimal(value, locale=babel_locale(reading.language))

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        limits = {"minimum": spec.minimum, "maximum": spec.maximum}
        return {"type": "integer", "format": "int64"} | {
            key: limit for key, limit in limits.items() if limit is not None
        }

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True, blank=True)


class DecimalNumber(Number):
    """A decimal number of at most 15 digits before the point and ``decimals`` (0–6) after it."""

    name = "decimal"
    json_type: ClassVar[JsonType] = "number"

    def places(self, spec: FieldSpec) -> int:
        """Digits after the point."""
        return spec.decimals or 2

    def parse(self, raw: object, spec: FieldSpec) -> Decimal | None:
        if raw is None or raw == "":
            return None
        number = self.decimal(raw)
        if abs(number) >= Decimal(10) ** 15:
            raise ValueError(_("This number is too large."))
        return number.quantize(Decimal(1).scaleb(-self.places(spec)))

    def json_storage(self, value: Any) -> Any:
        return None if value is None else float(value)

    def json_value(self, stored: Any) -> Any:
        return None if stored is None else Decimal(str(stored))

    def to_json(self, value: Any) -> Any:
        return None if value is None else float(value)

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        return "" if value is None else format_decimal(value, locale=babel_locale(reading.language))

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        limits = {"minimum": spec.minimum, "maximum": spec.maximum}
        return {"type": "number"} | {key: limit for key, limit in limits.items() if limit is not None}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        places = self.places(spec)
        return models.DecimalField(max_digits=15 + places, decimal_places=places, null=True, blank=True)


class Percent(DecimalNumber):
    """Per cent: 35 means 35 %."""

    name = "percent"
    widget = "percent"

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        return "" if value is None else f"{format_decimal(value, locale=babel_locale(reading.language))}%"


class Money(Number):
    """An amount in the record's currency, kept as hundredths (see :mod:`guanxi.kernel.money`)."""

    name = "money"
    widget = "money"
    json_type: ClassVar[JsonType] = "integer"

    def parse(self, raw: object, spec: FieldSpec) -> int | None:
        if raw is None or raw == "":
            return None
        return money.parse(raw)

    def check(self, value: Any, spec: FieldSpec) -> str | None:
        return super().check(money.to_decimal(value), spec)

    def to_json(self, value: Any) -> Any:
        return None if value is None else money.plain(value)

    def to_text(self, value: Any) -> str:
        if value is None:
            return ""
        return f"{money.to_decimal(value):f}".removesuffix(".00")

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        if value is None:
            return ""
        locale = babel_locale(reading.language)
        return money.display(value, reading.currency or "CNY", locale, cents=reading.cents)

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^-?\d+(\.\d{1,2})?$", "examples": ["1234.50"]}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True, blank=True)
