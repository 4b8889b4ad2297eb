"""What a person decided about a file: which column fills which field, how it is written, what becomes of the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from dataclasses import field as fresh
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing.fields import ID, keys, offered, target_of, ways
from guanxi.kernel.errors import Invalid, Refused
from guanxi.kernel.text import UNSTORABLE
from guanxi.schema.definition import ObjectType

MODES = ("create", "update", "upsert")
DATES = ("ymd", "mdy", "dmy")
NUMBERS = ("point", "comma")
AUTO, BY_ID = "auto", "id"
MOST_ALIASES = 2_000


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What becomes of one column. An empty ``field`` leaves it out."""

    column: int
    field: str = ""
    by: str = AUTO
    """For references: ``auto``, ``id``, or the key of the field in which the texts are looked for."""
    create: bool = False
    """For references: records that do not exist are made."""
    date: str = ""
    """Order of year, month and day; empty where it is to be found out."""
    number: str = ""
    """``point`` or ``comma`` is what comes before the decimals; empty where it is to be found out."""
    scale: str = ""
    """Numbers are multiplied by it, where a column counts thousands or millions."""
    aliases: Mapping[str, str] = fresh(default_factory=dict)
    """Texts that mean others: what the file writes → what is meant; an empty meaning is no value."""


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """All of it. ``key`` is the field by which records are found."""

    columns: tuple[ColumnPlan, ...] = ()
    constants: Mapping[str, str] = fresh(default_factory=dict)
    mode: str = "create"
    key: str = ""
    empty: tuple[str, ...] = ()
    """Words that stand for no value, such as NULL."""
    clear: bool = False
    """Whether an empty cell empties the field; otherwise it leaves the field as it is."""
    unquote: bool = True
    """Whether the apostrophe is taken off that an export puts before what a spreadsheet would take for a formula."""
    notify: bool = True
    automate: bool = True

    @property
    def used(self) -> list[ColumnPlan]:
        """The columns that fill a field."""
        return [plan for plan in self.columns if plan.field]

    def of_field(self, key: str) -> ColumnPlan | None:
        """The column that fills a field."""
        return next((plan for plan in self.columns if plan.field == key), None)

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as the API gives it."""
        body = asdict(self)
        body["columns"] = [
            {key: value for key, value in one.items() if value not in ("", False, {}) or key in ("column", "field")}
            for one in body["columns"]
        ]
        body["empty"] = list(self.empty)
        return body

    def digest(self, layout: Mapping[str, Any]) -> str:
        """Tells this mapping of this layout from every other."""
        text = json.dumps([self.as_json(), layout], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of_json(raw: Mapping[str, Any], names: Sequence[str]) -> ImportMapping:
    """A mapping from what is kept or sent; columns go by their number from 0 or by their name.

    Raises :class:`Invalid` with what is wrong with it.
    """
    wrong: dict[str, list[str]] = {
        key: [_("There is no such field.")] for key in raw if key not in ImportMapping.__dataclass_fields__
    }
    columns = []
    for index, one in enumerate(_list(raw, "columns", wrong)):
        try:
            columns.append(_column(one, names))
        except ValueError as error:
            wrong[f"columns.{index}"] = [str(error)]
    constants = raw.get("constants", {})
    if not isinstance(constants, Mapping):
        wrong["constants"], constants = [_("Send an object of field keys and values.")], {}
    flags = {}
    for key in ("clear", "unquote", "notify", "automate"):
        flags[key] = raw.get(key, ImportMapping.__dataclass_fields__[key].default)
        if not isinstance(flags[key], bool):
            wrong[key] = [_("Enter yes or no.")]
    for key, choices in (("mode", MODES), ("key", None)):
        if not isinstance(raw.get(key, ""), str) or (choices and raw.get(key, "create") not in choices):
            wrong[key] = [_("Choose from the list.")]
    empty = tuple(str(word) for word in _list(raw, "empty", wrong))[:20]
    wrong |= {key: [_("A character in it cannot be kept, such as NUL.")] for key in raw if not _storable(raw[key])}
    if wrong:
        raise Invalid(_("The mapping needs attention."), wrong)
    return ImportMapping(
        columns=tuple(columns),
        constants={str(key): str(value) for key, value in constants.items() if value is not None and value != ""},
        mode=str(raw.get("mode", "create")),
        key=str(raw.get("key") or ""),
        empty=empty,
        **flags,
    )


def _storable(value: Any) -> bool:
    """Whether all texts in it can be kept on every database."""
    if isinstance(value, Mapping):
        return all(_storable(key) and _storable(one) for key, one in value.items())
    if isinstance(value, list | tuple):
        return all(map(_storable, value))
    return not isinstance(value, str) or UNSTORABLE.search(value) is None


def _list(raw: Mapping[str, Any], key: str, wrong: dict[str, list[str]]) -> list[Any]:
    value = raw.get(key, [])
    if isinstance(value, list | tuple):
        return list(value)
    wrong[key] = [_("Send a list.")]
    return []


def _column(raw: Any, names: Sequence[str]) -> ColumnPlan:
    if not isinstance(raw, Mapping):
        raise ValueError(_("Send an object for each column."))
    known = ColumnPlan.__dataclass_fields__
    if strange := [key for key in raw if key not in known]:
        raise ValueError(_("A column has no property “%(name)s”.") % {"name": str(strange[0])[:40]})
    values = dict(raw)
    column = values.pop("column", None)
    if isinstance(column, str) and column in names:
        column = names.index(column)
    if not isinstance(column, int) or isinstance(column, bool) or not 0 <= column < len(names):
        raise ValueError(_("The file has no column “%(name)s”.") % {"name": str(column)[:60]})
    aliases = values.pop("aliases", {})
    if not isinstance(aliases, Mapping) or len(aliases) > MOST_ALIASES:
        raise ValueError(_("Aliases are an object of at most %(limit)d texts.") % {"limit": MOST_ALIASES})
    plan = ColumnPlan(column=column, aliases={str(key): str(value) for key, value in aliases.items()})
    create = values.pop("create", False)
    if not isinstance(create, bool) or not all(isinstance(value, str) for value in values.values()):
        raise ValueError(_("A property of the column has a value of the wrong kind."))
    plan = replace(plan, create=create, **values)
    if plan.date not in ("", *DATES) or plan.number not in ("", *NUMBERS):
        raise ValueError(_("Dates are ymd, mdy or dmy; numbers point or comma."))
    return plan


def check(mapping: ImportMapping, actor: Actor, kind: ObjectType, names: Sequence[str]) -> None:
    """Raise :class:`Invalid` or :class:`Refused` in words where the mapping cannot be carried out for this actor."""
    _rights(mapping, actor, kind)
    wrong: dict[str, list[str]] = {}
    open_fields = offered(actor, kind)
    known_keys = keys(actor, kind)
    seen: set[str] = set()
    for plan in mapping.used:
        place = f"columns.{plan.column}"
        only_key = plan.field in known_keys and plan.field == mapping.key
        if plan.field not in open_fields and not only_key:
            wrong[place] = [_closed(kind, plan.field, names[plan.column])]
        elif plan.field in seen or plan.field in mapping.constants:
            label = kind.fields[plan.field].label if plan.field in kind.fields else plan.field
            wrong[place] = [_("“%(field)s” is filled twice. Leave one of the columns out.") % {"field": label}]
        elif problem := _reference(plan, actor, kind):
            wrong[place] = [problem]
        elif plan.scale and _scale(plan.scale) is None:
            wrong[place] = [_("The factor is a number above 0.")]
        seen.add(plan.field)
    for key in mapping.constants:
        if key not in open_fields:
            wrong[f"constants.{key}"] = [_closed(kind, key, key)]
    if mapping.mode != "create" and mapping.key not in seen:
        wrong["key"] = [_("Choose the field by which existing records are found, and the column that fills it.")]
    elif mapping.key and (mapping.key not in known_keys or mapping.key not in seen):
        wrong["key"] = [_("Choose a field that a column fills.")]
    if not [key for key in seen if key != ID]:
        wrong["columns"] = [_("Choose a field for at least one column.")]
    if wrong:
        raise Invalid(_("The mapping needs attention."), wrong)


def _closed(kind: ObjectType, key: str, name: str) -> str:
    if key in kind.fields:
        return _("“%(field)s” cannot be filled from a file by you.") % {"field": kind.fields[key].label}
    return _("There is no field “%(field)s” to fill with “%(column)s”.") % {"field": key[:60], "column": name[:60]}


def _rights(mapping: ImportMapping, actor: Actor, kind: ObjectType) -> None:
    needed = {"create": ("import", "create"), "update": ("import", "edit")}.get(
        mapping.mode, ("import", "create", "edit")
    )
    from guanxi.engine.write import require

    for right in needed:
        require(actor, right, kind)
    if kind.declaration.kind == "log":
        raise Refused(_("Records of this kind are written by the program alone."))


def _reference(plan: ColumnPlan, actor: Actor, kind: ObjectType) -> str:
    field_ = kind.fields.get(plan.field)
    target = target_of(field_) if field_ is not None else None
    if target is None:
        return ""
    if plan.by not in (AUTO, BY_ID, *ways(target, actor)):
        return _("%(objects)s cannot be found by “%(field)s”.") % {"objects": target.plural, "field": plan.by[:60]}
    if plan.create and not actor.can("create", target.key):
        return _("You may not create %(objects)s. Leave out what does not exist.") % {"objects": target.plural}
    return ""


def _scale(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 < number <= 10**12 else None
