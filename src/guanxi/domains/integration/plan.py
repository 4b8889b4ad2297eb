"""Import plans: a TOML file that says which columns of which files become which fields of which objects.

A plan has a ``name``, the ``files`` it needs, a ``prefix`` for external ids, ``[defaults]`` for options, named
``[aliases.*]`` (what the files write → what is meant) and ``[[steps]]`` in order. A step has an ``object``, a ``file`` or
inline ``rows``, an ``id`` (template of the external id; ``bare`` leaves the prefix away), and optionally ``distinct``
(columns: one record per different values), ``match`` (a field by which an existing record is used as it is), ``aliases``
(column → alias table), ``role`` (given to new people) and ``fields``. A field comes from a ``column``, a ``constant``, an
``option`` or a ``template`` (a list: the first whose columns are all filled), and may have ``scale``, ``lookup`` (object)
with ``by`` (field) or ``id`` (external id, ``{}`` is the value), ``when`` (column = value), ``later`` (set after all
records of the step exist) and ``required`` (the row is rejected without it).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.errors import Invalid

PLANS = Path(__file__).parent / "plans"


@dataclass(frozen=True)
class FieldPlan:
    """Where the value of one field comes from."""

    key: str
    column: str = ""
    constant: str = ""
    option: str = ""
    template: tuple[str, ...] = ()
    scale: Decimal | None = None
    lookup: str = ""
    by: str = ""
    id: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    later: bool = False
    required: bool = False


@dataclass(frozen=True)
class Step:
    """One object from one file."""

    name: str
    object: str
    id: str
    fields: tuple[FieldPlan, ...]
    file: str = ""
    rows: tuple[Mapping[str, str], ...] = ()
    distinct: tuple[str, ...] = ()
    match: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    bare: bool = False

    @property
    def columns(self) -> set[str]:
        """The columns the step cannot do without."""
        named = {plan.column for plan in self.fields if plan.column}
        return named | set(self.distinct) | {column for plan in self.fields for column in plan.when}


@dataclass(frozen=True)
class Plan:
    """A whole import."""

    name: str
    prefix: str
    files: tuple[str, ...]
    defaults: Mapping[str, str]
    aliases: Mapping[str, Mapping[str, str]]
    steps: tuple[Step, ...]


def shipped() -> dict[str, Path]:
    """The plans that come with the program, by name."""
    return {path.stem: path for path in sorted(PLANS.glob("*.toml"))}


def find_plan(wanted: str | None, folder: Path) -> Plan:
    """The plan with this name or in this file; without one, the shipped plan whose files are all in the folder.

    Raises :class:`Invalid` in words where there is none or several.
    """
    plans = shipped()
    if wanted is not None:
        path = plans.get(wanted, Path(wanted))
        if not path.is_file():
            message = _("There is no import plan “%(name)s”. Known plans: %(plans)s.")
            raise Invalid(message % {"name": wanted, "plans": ", ".join(plans)})
        return read_plan(path)
    fitting = [plan for plan in map(read_plan, plans.values()) if all((folder / name).is_file() for name in plan.files)]
    if len(fitting) != 1:
        message = _(
            "No import plan fits the folder “%(folder)s”. Name one with --plan: %(plans)s, or a file of your own."
        )
        raise Invalid(message % {"folder": folder, "plans": ", ".join(plans)})
    return fitting[0]


def read_plan(path: Path) -> Plan:
    """A plan from its file; :class:`Invalid` names what is wrong in it."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return Plan(
            name=raw["name"],
            prefix=raw.get("prefix", raw["name"]),
            files=tuple(raw.get("files", ())),
            defaults=raw.get("defaults", {}),
            aliases=raw.get("aliases", {}),
            steps=tuple(_step(step) for step in raw["steps"]),
        )
    except (
        OSError,
        UnicodeDecodeError,
        tomllib.TOMLDecodeError,
        KeyError,
        TypeError,
        ValueError,
        ArithmeticError,
    ) as error:
        message = _("The import plan “%(path)s” cannot be read: %(error)s")
        raise Invalid(message % {"path": path, "error": error}) from error


def _step(raw: Mapping[str, Any]) -> Step:
    values = dict(raw) | {"fields": tuple(_field(key, value) for key, value in raw["fields"].items())}
    values |= {"rows": tuple(raw.get("rows", ())), "distinct": tuple(raw.get("distinct", ()))}
    _known(values, Step)
    if bool(values.get("file")) == bool(values["rows"]):
        raise ValueError(f"step {raw.get('name')!r} needs either file or rows")
    return Step(**values)


def _field(key: str, raw: Mapping[str, Any]) -> FieldPlan:
    values = dict(raw) | {"key": key, "template": tuple(raw.get("template", ()))}
    if "scale" in raw:
        values["scale"] = Decimal(raw["scale"])
    _known(values, FieldPlan)
    sources = [name for name in ("column", "constant", "option", "template") if values.get(name)]
    if len(sources) != 1:
        raise ValueError(f"field {key!r} needs one of column, constant, option, template")
    return FieldPlan(**values)


def _known(values: Mapping[str, Any], kind: type[Step] | type[FieldPlan]) -> None:
    unknown = set(values) - {one.name for one in fields(kind)}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
