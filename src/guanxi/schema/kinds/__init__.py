"""One kind per sort of value. ``KINDS`` maps the kind's name to its only instance."""

from __future__ import annotations

from guanxi.schema.kinds.choice import Boolean, MultiSelect, Select
from guanxi.schema.kinds.computed import AutoNumber, Formula, RollUpKind, RollUpMoney
from guanxi.schema.kinds.kind import Kind
from guanxi.schema.kinds.numeric import DecimalNumber, Integer, Money, Percent
from guanxi.schema.kinds.reference import File, Image, Links, Lookup, Owner, Reference, Tags
from guanxi.schema.kinds.structured import Address, Encrypted, GeoPoint
from guanxi.schema.kinds.temporal import Date, DateTime
from guanxi.schema.kinds.textual import Email, LongText, Phone, RichText, Text, Url

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(Text(), LongText(), RichText(), Email(), Phone(), Url()),
        *(Integer(), DecimalNumber(), Money(), Percent()),
        *(Date(), DateTime(), Boolean(), Select(), MultiSelect()),
        *(Lookup(), Owner(), Reference(), Links(), Tags(), File(), Image()),
        *(AutoNumber(), Formula(), RollUpKind(), RollUpMoney()),
        *(Address(), GeoPoint(), Encrypted()),
    )
}
