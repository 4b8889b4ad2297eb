"""The functions a declaration uses for its fields.

Each returns a plain Django field that carries its :class:`FieldSpec`: migrations hold nothing but Django's own classes,
and a new label, option or help text needs no migration. Keyword arguments are those of :class:`FieldSpec`, and
``index=True`` for a database index.
"""

from __future__ import annotations

from typing import Any

from guanxi.kernel.labels import Label
from guanxi.schema.kinds import KINDS
from guanxi.schema.spec import FieldSpec, Option, RollUp

SPEC_ATTRIBUTE = "guanxi_spec"


def option(key: str, en: str, zh: str, color: str = "", *, retired: bool = False) -> Option:
    """One choice of a select field; ``color`` is a name of the palette (blue, green, orange, red, purple…)."""
    return Option(key, Label(en, zh), color, retired)


def declare(kind: str, en: str, zh: str, *, index: bool | None = None, **properties: Any) -> Any:
    """A Django field of the named kind carrying its specification. ``help`` is a pair (English, Chinese).

    ``index`` says whether it has an index of its own; left out, lookups have one and other fields none.
    """
    if isinstance(properties.get("help"), tuple):
        properties["help"] = Label(*properties["help"])
    spec = FieldSpec(kind=KINDS[kind], label=Label(en, zh), **properties)
    column: Any = spec.kind.column(spec)
    if index is not None:
        column.db_index = index
    if spec.default is not None and not callable(spec.default):
        column.default = spec.kind.storage(spec.default)
    setattr(column, SPEC_ATTRIBUTE, spec)
    return column


def text(en: str, zh: str, **properties: Any) -> Any:
    """One line of text."""
    return declare("text", en, zh, **properties)


def long_text(en: str, zh: str, **properties: Any) -> Any:
    """Several lines of text."""
    return declare("long_text", en, zh, **properties)


def rich_text(en: str, zh: str, **properties: Any) -> Any:
    """Sanitised HTML."""
    return declare("rich_text", en, zh, **properties)


def email(en: str, zh: str, **properties: Any) -> Any:
    """A mail address."""
    return declare("email", en, zh, **properties)


def phone(en: str, zh: str, **properties: Any) -> Any:
    """A telephone number."""
    return declare("phone", en, zh, **properties)


def url(en: str, zh: str, **properties: Any) -> Any:
    """A web address."""
    return declare("url", en, zh, **properties)


def integer(en: str, zh: str, **properties: Any) -> Any:
    """A whole number."""
    return declare("integer", en, zh, **properties)


def decimal(en: str, zh: str, **properties: Any) -> Any:
    """A decimal number."""
    return declare("decimal", en, zh, **properties)


def percent(en: str, zh: str, **properties: Any) -> Any:
    """Per cent, 0–100 unless ``minimum``/``maximum`` say otherwise."""
    properties.setdefault("minimum", 0)
    properties.setdefault("maximum", 100)
    return declare("percent", en, zh, **properties)


def money(en: str, zh: str, **properties: Any) -> Any:
    """An amount in the record's ``currency`` field."""
    return declare("money", en, zh, **properties)


def date(en: str, zh: str, **properties: Any) -> Any:
    """A calendar day."""
    return declare("date", en, zh, **properties)


def datetime(en: str, zh: str, **properties: Any) -> Any:
    """A moment."""
    return declare("datetime", en, zh, **properties)


def boolean(en: str, zh: str, **properties: Any) -> Any:
    """Yes or no."""
    return declare("boolean", en, zh, **properties)


def select(en: str, zh: str, options: tuple[Option, ...], **properties: Any) -> Any:
    """One of the options."""
    return declare("select", en, zh, options=options, **properties)


def multi_select(en: str, zh: str, options: tuple[Option, ...], **properties: Any) -> Any:
    """Any of the options."""
    return declare("multi_select", en, zh, options=options, **properties)


def lookup(en: str, zh: str, target: str, model: str, *, cascade: bool = False, **properties: Any) -> Any:
    """A reference to a record of the object ``target``, whose Django model is ``model`` (``app.Model``).

    With ``cascade`` the record belongs to the one it points to and is purged with it.
    """
    properties["extra"] = {**properties.get("extra", {}), "model": model, "cascade": cascade}
    index = properties.pop("index", None)
    return declare("lookup", en, zh, target=target, index=index, **properties)


def owner(en: str = "Owner", zh: str = "负责人", **properties: Any) -> Any:
    """The person responsible."""
    return declare("owner", en, zh, target="user", **properties)


def reference(en: str, zh: str, **properties: Any) -> Any:
    """A reference to a record of any object."""
    return declare("reference", en, zh, **properties)


def file(en: str, zh: str, **properties: Any) -> Any:
    """A stored file."""
    properties["extra"] = {**properties.get("extra", {}), "model": "engine.StoredFile"}
    return declare("file", en, zh, target="file", **properties)


def image(en: str, zh: str, **properties: Any) -> Any:
    """A stored picture."""
    properties["extra"] = {**properties.get("extra", {}), "model": "engine.StoredFile"}
    return declare("image", en, zh, target="file", **properties)


def auto_number(en: str, zh: str, number_format: str, **properties: Any) -> Any:
    """A number from a counter; ``number_format`` may use ``{year}`` and ``{number:05d}``."""
    return declare("auto_number", en, zh, number_format=number_format, read_only=True, **properties)


def formula(en: str, zh: str, compute: Any, *, reads: tuple[str, ...], **properties: Any) -> Any:
    """An amount computed from the record by ``compute(record)`` whenever it is written (hundredths or ``None``).

    ``reads`` names the fields it is computed from: to whom one of them is closed, the formula is closed as well.
    """
    properties["extra"] = {**properties.get("extra", {}), "reads": reads}
    return declare("formula", en, zh, compute=compute, read_only=True, **properties)


def address(en: str, zh: str, **properties: Any) -> Any:
    """A postal address."""
    return declare("address", en, zh, **properties)


def geo_point(en: str, zh: str, **properties: Any) -> Any:
    """A position."""
    return declare("geo_point", en, zh, **properties)


def encrypted(en: str, zh: str, **properties: Any) -> Any:
    """Text encrypted at rest."""
    return declare("encrypted", en, zh, **properties)


def virtual(kind: str, en: str, zh: str, **properties: Any) -> FieldSpec:
    """The specification of a field without a column; listed in the declaration's ``virtual`` mapping."""
    return FieldSpec(kind=KINDS[kind], label=Label(en, zh), **properties)


def tags(en: str = "Tags", zh: str = "标签", **properties: Any) -> FieldSpec:
    """Tags on a record."""
    return virtual("tags", en, zh, target="tag", **properties)


def count_of(en: str, zh: str, source: str, via: str, **where: Any) -> FieldSpec:
    """How many live records of ``source`` point here through their lookup ``via`` (with simple equalities ``where``)."""
    rollup = RollUp(source, via, "count", "", tuple(where.items()))
    return virtual("roll_up", en, zh, rollup=rollup, read_only=True)


def sum_of(en: str, zh: str, source: str, via: str, field: str, **where: Any) -> FieldSpec:
    """The sum of the money field ``field`` over the live records of ``source`` that point here through ``via``."""
    rollup = RollUp(source, via, "sum", field, tuple(where.items()))
    return virtual("roll_up_money", en, zh, rollup=rollup, read_only=True)
