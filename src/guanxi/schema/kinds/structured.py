"""Addresses, positions and encrypted text."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from guanxi.schema.kinds.kind import PRESENCE, Family, Kind
from guanxi.schema.kinds.textual import LongText, Text

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec


HIDDEN = "••••••"
"""What stands for a secret that is there."""


class Address(LongText):
    """A postal address as people write it, in several lines."""

    name = "address"
    default_length = 500


class GeoPoint(Kind):
    """Latitude and longitude in degrees (WGS 84), kept as ``31.230416,121.473701``."""

    name = "geo_point"
    family: ClassVar[Family] = "none"
    operators = PRESENCE
    widget = "geo_point"
    blank = ""
    sortable = False

    def parse(self, raw: object, spec: FieldSpec) -> str | None:
        if raw is None or raw == "":
            return None
        parts = raw if isinstance(raw, list | tuple) else str(raw).split(",")
        try:
            latitude, longitude = (float(str(part)) for part in parts)
        except ValueError as error:
            raise ValueError(_("Enter latitude and longitude such as 31.2304,121.4737.")) from error
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(_("Latitude is between -90 and 90, longitude between -180 and 180."))
        return f"{latitude:.6f},{longitude:.6f}"

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=40, blank=True, default="")


class Encrypted(Text):
    """Text encrypted at rest (Fernet: AES-128-CBC with HMAC-SHA256); can be written and used, never compared or shown again.

    Whoever asks is told :data:`HIDDEN` where there is a value; sending that back leaves the value as it is.
    """

    name = "encrypted"
    widget = "secret"
    family: ClassVar[Family] = "none"
    operators: ClassVar[tuple[str, ...]] = PRESENCE
    sortable = False
    default_length = 2000

    def _cipher(self) -> Fernet:
        digest = hashlib.sha256(b"guanxi-field:" + settings.SECRET_KEY.encode()).digest()
        return Fernet(base64.urlsafe_b64encode(digest))

    def storage(self, value: Any) -> Any:
        return self._cipher().encrypt(value.encode()).decode() if value else ""

    def value(self, stored: Any) -> Any:
        if not stored:
            return None
        try:
            return self._cipher().decrypt(stored.encode()).decode()
        except InvalidToken:
            return None

    def to_text(self, value: Any) -> str:
        return HIDDEN if value else ""

    def to_json(self, value: Any) -> Any:
        return self.to_text(value) or None

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.TextField(blank=True, default="")
