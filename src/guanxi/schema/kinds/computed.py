"""Values the program makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext as _

from guanxi.schema.kinds.kind import Family, Reading
from guanxi.schema.kinds.numeric import Money, Number
from guanxi.schema.kinds.textual import Text

if TYPE_CHECKING:
    from guanxi.schema.spec import FieldSpec


class AutoNumber(Text):
    """A number given by the write door from a counter, such as ``OPP-2026-00042``; unique per object."""

    name = "auto_number"
    default_length = 40

    def column(self, spec: FieldSpec) -> models.Field[Any, Any]:
        return models.CharField(max_length=self.default_length, blank=True, default="", db_index=True)


class Formula(Money):
    """An amount computed by the write door from the record's other fields and stored with it."""

    name = "formula"
    widget = "read_only"


class RollUpKind(Number):
    """A count over the records that point here; computed when read, inside the viewer's permissions."""

    name = "roll_up"
    family: ClassVar[Family] = "none"
    operators: ClassVar[tuple[str, ...]] = ()
    widget = "read_only"
    sortable = False
    virtual = True

    def parse(self, raw: object, spec: FieldSpec) -> Any:
        raise ValueError(_("This value is computed and cannot be entered."))

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return {"type": "integer"}


class RollUpMoney(RollUpKind):
    """A sum of money over the records that point here, in the company's currency."""

    name = "roll_up_money"

    def to_json(self, value: Any) -> Any:
        return Money().to_json(value)

    def to_text(self, value: Any) -> str:
        return Money().to_text(value)

    def display(self, value: Any, spec: FieldSpec, reading: Reading) -> str:
        return Money().display(value, spec, reading)

    def json_schema(self, spec: FieldSpec) -> dict[str, Any]:
        return Money().json_schema(spec)
