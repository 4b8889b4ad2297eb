"""Dates and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from babel.dates import format_date, format_datetime
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from guanxi.kernel import clock
from guanxi.schema.kinds.kind import COMPARE, Family, Kind, Reading
from guanxi.schema.kinds.numeric import babel_locale

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

FIRST, LAST = 1000, 9998


class Date(Kind):
    """A calendar day; written as ISO 8601, also accepted as 2026/3/1 and 2026年3月1日."""

    name = "date"
    family: ClassVar[Family] = "date"
    operators = COMPARE
    widget = "date"

    def parse(self, raw: object, spec: FieldSpec) -> date | None:
        if isinstance(raw, datetime):
            return timezone.localtime(raw).date() if timezone.is_aware(raw) else raw.date()
        if raw is None or isinstance(raw, date):
            return raw
        text = str(raw).strip().replace("/", "-").replace("年", "-").replace("月", "-").rstrip("日")
        if not text:
            return None
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise ValueError(_("Enter a date such as 2026-03-01."))
        return day

    def check(self, value: date, spec: FieldSpec) -> str | None:
        if not FIRST <= value.year <= LAST:
            return _("Enter a date between the years %(first)d and %(last)d.") % {"first": FIRST, "last": LAST}
        return None

    def json_storage(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def json_value(self, stored: Any) -> Any:
        return date.fromisoformat(stored) if stored else None

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def to_text(self, value: Any) -> str:
        return "" if value is None else str(value.isoformat())

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        if value is None:
            return ""
        if reading.language.startswith("zh"):
            return str(value.isoformat())
        short = value.year == clock.today(reading.zone).year
        return format_date(value, "d MMM" if short else "d MMM y", locale=babel_locale(reading.language))

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.DateField(null=True, blank=True)


class DateTime(Kind):
    """A moment, kept in UTC; a text without an offset is meant in the person's time zone."""

    name = "datetime"
    family: ClassVar[Family] = "datetime"
    operators = COMPARE
    widget = "datetime"

    def parse(self, raw: object, spec: FieldSpec) -> datetime | None:
        if raw is None or raw == "":
            return None
        moment: datetime | None
        if isinstance(raw, datetime):
            moment = raw
        elif isinstance(raw, date):
            moment = datetime(raw.year, raw.month, raw.day)
        else:
            text = str(raw).strip().replace("/", "-")
            try:
                moment = parse_datetime(text)
                if moment is None and (day := parse_date(text)):
                    moment = datetime(day.year, day.month, day.day)
            except ValueError:
                moment = None
        if moment is None:
            raise ValueError(_("Enter a date and time such as 2026-03-01 09:30."))
        try:
            aware = timezone.make_aware(moment) if timezone.is_naive(moment) else moment
            return aware.astimezone(UTC)
        except (OverflowError, ValueError) as error:
            raise ValueError(_("Enter a date and time such as 2026-03-01 09:30.")) from error

    def check(self, value: datetime, spec: FieldSpec) -> str | None:
        if not FIRST <= value.year <= LAST:
            return _("Enter a date between the years %(first)d and %(last)d.") % {"first": FIRST, "last": LAST}
        return None

    def json_storage(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def json_value(self, stored: Any) -> Any:
        return datetime.fromisoformat(stored.replace("Z", "+00:00")) if stored else None

    def to_json(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def to_text(self, value: Any) -> str:
        return "" if value is None else str(self.to_json(value))

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        if value is None:
            return ""
        local = value.astimezone(reading.zone)
        if reading.language.startswith("zh"):
            return str(local.strftime("%Y-%m-%d %H:%M"))
        return format_datetime(local, "d MMM y, HH:mm", locale="en")

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.DateTimeField(null=True, blank=True)
