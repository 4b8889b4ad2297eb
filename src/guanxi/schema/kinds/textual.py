"""Kinds whose value is a text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import nh3
import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.text import UNSTORABLE
from guanxi.schema.kinds.kind import TEXTUAL, Kind, too_long

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec

LONG_LIMIT = 100_000
_DIGIT = re.compile(r"\d")


class Text(Kind):
    """One line of text. NUL and lone surrogates cannot be stored by PostgreSQL and are refused in words."""

    name = "text"
    operators: ClassVar[tuple[str, ...]] = TEXTUAL
    blank = ""
    default_length = 255

    def parse(self, raw: object, spec: FieldSpec) -> str | None:
        text = str(raw) if raw is not None else ""
        if UNSTORABLE.search(text):
            raise ValueError(_("This text holds a character that cannot be stored (NUL or half of a pair). Remove it."))
        return self.clean(text, spec) or None

    def clean(self, text: str, spec: FieldSpec) -> str:
        """The text as it is kept."""
        return text.strip()

    def check(self, value: str, spec: FieldSpec) -> str | None:
        limit = spec.max_length or self.default_length
        return too_long(limit) if len(value) > limit else None

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "string", "maxLength": spec.max_length or self.default_length}

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=spec.max_length or self.default_length, blank=True, default="")


class LongText(Text):
    """Several lines of text."""

    name = "long_text"
    widget = "long_text"
    sortable = False
    default_length = LONG_LIMIT

    def clean(self, text: str, spec: FieldSpec) -> str:
        return text.replace("\r\n", "\n").strip()

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.TextField(blank=True, default="")


class RichText(LongText):
    """HTML from an editor; cleaned by nh3 (the ammonia sanitiser) on the way in."""

    name = "rich_text"
    widget = "rich_text"

    def clean(self, text: str, spec: FieldSpec) -> str:
        return nh3.clean(text).strip()


class Email(Text):
    """A mail address."""

    name = "email"
    widget = "email"
    default_length = 254

    def check(self, value: str, spec: FieldSpec) -> str | None:
        return super().check(value, spec) if _is_mail(value) else _("Enter a mail address such as name@example.com.")


_USUAL_MAIL = re.compile(
    r"[a-z0-9_+-]{1,64}(?:\.[a-z0-9_+-]{1,64})*@(?:[a-z0-9]{1,63}\.){1,4}[a-z]{2,63}", re.IGNORECASE | re.ASCII
)
"""What nearly every mail address looks like; all of these are among what Django takes, which looks at each ten times."""


def _is_mail(value: str) -> bool:
    """Whether it has the form of a mail address; an import asks when it reads a cell and when it writes."""
    if _USUAL_MAIL.fullmatch(value):
        return True
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


@cache
def _chinese_mobile() -> re.Pattern[str]:
    """Chinese mobile numbers written plainly, by libphonenumber's own pattern.

    The library takes 14 µs for each, where this takes less than one; imports read a hundred thousand of them. Numbers that
    begin like the code of a carrier are left to it.
    """
    metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region("CN")
    pattern = metadata.mobile.national_number_pattern
    return re.compile(rf"(?:\+86)?((?!1[12]|179)(?=\d{{11}}$)(?:{pattern}))", re.ASCII)


class Phone(Text):
    """A telephone number, kept in E.164 where libphonenumber recognises it for the region, as typed otherwise."""

    name = "phone"
    widget = "phone"
    default_length = 40

    def clean(self, text: str, spec: FieldSpec) -> str:
        text = text.strip()
        region = str(spec.extra.get("region", "CN"))
        if region == "CN" and (mobile := _chinese_mobile().fullmatch(text)):
            return f"+86{mobile.group(1)}"
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            return text
        if number.extension or not phonenumbers.is_valid_number(number):
            return text
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def check(self, value: str, spec: FieldSpec) -> str | None:
        if not _DIGIT.search(value):
            return _("Enter a telephone number with digits, such as +86 138 0013 8000.")
        return super().check(value, spec)


class Url(Text):
    """A web address; ``https://`` is added when the scheme is missing, other schemes than http(s) are refused."""

    name = "url"
    widget = "url"
    default_length = 500
    _valid = URLValidator(schemes=["http", "https"])

    def clean(self, text: str, spec: FieldSpec) -> str:
        text = text.strip()
        return f"https://{text}" if text and "://" not in text and not text.lower().startswith("javascript:") else text

    def check(self, value: str, spec: FieldSpec) -> str | None:
        try:
            self._valid(value)
        except ValidationError:
            return _("Enter a web address such as https://example.com.")
        return super().check(value, spec)
