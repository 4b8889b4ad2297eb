"""What the pages of imports show: columns with their choices, problems with their remedies, imports in a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access.actor import Actor
from guanxi.engine.importing import access, formats
from guanxi.engine.importing.fields import ID_LABEL, keys, offered, target_of, ways
from guanxi.engine.importing.tables import Import
from guanxi.engine.labels import labels_for
from guanxi.engine.undo.activity import undone_among
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.numeric import babel_locale
from guanxi.schema.registry import snapshot

STAGES = {
    **{
        "mapping": "gray",
        "checking": "blue",
        "checked": "gray",
        "running": "blue",
        "done": "green",
        "stopped": "orange",
    },
    "undone": "gray",
}


@dataclass(frozen=True)
class Group:
    """Fields under one title in the choice of a field."""

    label: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ColumnView:
    """One column of the file with what was decided about it."""

    index: int
    name: str
    examples: tuple[str, ...]
    filled: int
    plan: Mapping[str, Any]
    look: str
    format: str = ""
    """``date``, ``number`` or ``reference``: what there is to say besides the field."""
    settled: str = ""
    """How the dates or numbers are read, in words, as far as the examples tell."""
    asks: bool = False
    ways: tuple[tuple[str, str], ...] = ()
    may_create: bool = False
    target: str = ""
    scales: bool = False
    aliases: int = 0
    error: str = ""
    also: tuple[str, ...] = ()
    """Further fields that the column fills; a saved mapping or the API may say so."""


@dataclass(frozen=True)
class ProblemView:
    """One kind of problem, and how it can be put right here."""

    number: int
    column: int
    name: str
    message: str
    count: int
    rows: tuple[Mapping[str, Any], ...]
    values: tuple[tuple[str, int], ...] = ()
    """Texts that can be given a meaning."""
    choices: tuple[tuple[str, str], ...] = ()
    remedy: str = ""
    """``choose`` from the choices, ``name`` another text, ``format`` of dates or numbers; or nothing but the mapping."""
    creates: str = ""
    """The objects that can be made for what does not exist."""
    format: str = ""


@dataclass(frozen=True)
class ImportView:
    """One import in a list."""

    found: Import
    kind: ObjectType | None
    stage: str
    state: str
    color: str
    by: str
    share: int | None
    href: str
    counts: Mapping[str, int] = field(default_factory=dict)


def stages() -> dict[str, str]:
    """Where an import stands, in words."""
    return {
        **{"mapping": _("Being prepared"), "checking": _("Being checked"), "checked": _("Checked")},
        **{"running": _("Running"), "done": _("Imported"), "stopped": _("Stopped"), "undone": _("Undone")},
    }


def groups(actor: Actor, kind: ObjectType) -> list[Group]:
    """The fields to choose from, under the titles of the form; what they are found by comes last."""
    fields = offered(actor, kind)
    found = []
    seen: set[str] = set()
    for section in kind.sections:
        own = [key for key in section.fields if key in fields]
        seen.update(own)
        if own:
            found.append(Group(str(section.label), tuple((key, str(fields[key].label)) for key in own)))
    rest = [(key, str(one.label)) for key, one in fields.items() if key not in seen]
    rest += [
        (key, str(one.label) if one else str(ID_LABEL))
        for key, one in keys(actor, kind).items()
        if key not in fields and key not in seen
    ]
    if rest:
        found.append(Group(_("To find records by"), tuple(rest)))
    return found


def columns(
    actor: Actor, kind: ObjectType, found: Import, mapping: Mapping[str, Any], errors: Mapping[str, Sequence[str]]
) -> list[ColumnView]:
    """The columns as the page shows them."""
    plans: dict[int, Mapping[str, Any]] = {}
    for one in mapping["columns"]:
        plans.setdefault(one["column"], one)
    settled = found.checked.get("formats", {})
    views = []
    for index, column in enumerate(found.columns):
        plan = plans.get(index, {"field": ""})
        definition = kind.fields.get(plan["field"])
        view = _column(actor, index, column, plan, definition, str(settled.get(str(index), "")), errors)
        views.append(replace(view, also=_further(kind, mapping, index)))
    return views


def _further(kind: ObjectType, mapping: Mapping[str, Any], index: int) -> tuple[str, ...]:
    own = [one["field"] for one in mapping["columns"] if one["column"] == index][1:]
    return tuple(str(kind.fields[key].label) if key in kind.fields else key for key in own if key)


def _column(
    actor: Actor,
    index: int,
    column: Mapping[str, Any],
    plan: Mapping[str, Any],
    definition: FieldDefinition | None,
    settled: str,
    errors: Mapping[str, Sequence[str]],
) -> ColumnView:
    said = ""
    shape = ""
    asks = False
    target = target_of(definition) if definition is not None else None
    if definition is not None and definition.kind.family in ("date", "datetime"):
        shape = "date"
        evidence = formats.DateEvidence()
        evidence.add(column["examples"])
        settled = plan.get("date", "") or settled or evidence.order
        asks = not settled
        said = dates_in_words().get(settled, "")
    elif definition is not None and definition.kind.family == "number":
        shape = "number"
        numbers = formats.NumberEvidence()
        numbers.add(column["examples"])
        asks = not (plan.get("number", "") or settled or numbers.style)
    elif target is not None:
        shape = "reference"
    return ColumnView(
        index=index,
        name=column["name"],
        examples=tuple(column["examples"]),
        filled=column["filled"],
        look=column["look"],
        plan={"by": "auto", "create": False, "date": "", "number": "", "scale": "", **plan},
        format=shape,
        settled=said,
        asks=asks,
        ways=_ways(actor, target) if target is not None else (),
        may_create=target is not None and actor.can("create", target.key),
        target=str(target.plural) if target is not None else "",
        scales=definition is not None and definition.kind.name in ("money", "decimal", "integer"),
        aliases=len(plan.get("aliases", {})),
        error=" ".join(errors.get(f"columns.{index}", ())),
    )


def _ways(actor: Actor, target: ObjectType) -> tuple[tuple[str, str], ...]:
    named = tuple((key, str(target.fields[key].label)) for key in ways(target, actor))
    return (("auto", _("Name or number")), *named, ("id", str(ID_LABEL)))


def dates_in_words() -> dict[str, str]:
    """The orders of a date, with an example."""
    return {
        "ymd": _("year, month, day"),
        "mdy": _("month first: 03/28/2026"),
        "dmy": _("day first: 28/03/2026"),
    }


def numbers_in_words() -> dict[str, str]:
    """The signs before the decimals, with an example."""
    return {"point": _("point before decimals: 1,234.56"), "comma": _("comma before decimals: 1.234,56")}


def scales_in_words() -> list[tuple[str, str]]:
    """By what numbers can be multiplied."""
    return [
        ("", _("as written")),
        ("1000", _("in thousands")),
        ("10000", _("in ten thousands (万)")),
        ("1000000", _("in millions")),
        ("100000000", _("in hundred millions (亿)")),
    ]


def questions(actor: Actor, found: Import) -> list[dict[str, Any]]:
    """The questions that the file leaves open, with what each answer would make of the first example."""
    asked = []
    for one in found.checked.get("questions", ()):
        answers = [(choice, _reads(actor, one["what"], choice, one["examples"])) for choice in one["choices"]]
        asked.append({**one, "name": found.columns[one["column"]]["name"], "answers": answers})
    return asked


def _reads(actor: Actor, what: str, choice: str, examples: Sequence[str]) -> str:
    words = dates_in_words()[choice] if what == "date" else numbers_in_words()[choice]
    if not examples:
        return words
    try:
        if what == "number":
            return f"{examples[0]} → {formats.read_number(examples[0], choice):,}"
        moment = formats.read_moment(examples[0], choice)
    except ValueError:
        return words
    day = date(moment.year, moment.month, moment.day)
    return f"{examples[0]} → {format_date(day, 'long', locale=babel_locale(actor.language))}"


def problems(actor: Actor, kind: ObjectType, found: Import) -> list[ProblemView]:
    """The problems of the dry run, the most frequent first, each with what can be done about it on the spot."""
    return [_problem(actor, kind, found, number, one) for number, one in enumerate(found.checked.get("problems", ()))]


def _problem(actor: Actor, kind: ObjectType, found: Import, number: int, one: Mapping[str, Any]) -> ProblemView:
    definition = kind.fields.get(one["field"])
    target = target_of(definition) if definition is not None else None
    remedy, creates = "", ""
    choices: tuple[tuple[str, str], ...] = ()
    if one["code"] == "choice" and definition is not None:
        remedy = "choose"
        choices = tuple((option.key, str(option.label)) for option in definition.spec.options if not option.retired)
    elif one["code"] in ("not_found", "ambiguous", "not_made") and target is not None:
        remedy = "name"
        if one["code"] == "not_found" and actor.can("create", target.key):
            creates = str(target.plural)
    elif one["code"] in ("date", "number") and one["column"] >= 0:
        remedy = "format"
    return ProblemView(
        number=number,
        column=one["column"],
        name=_where(kind, found, one),
        message=_words(one),
        count=one["count"],
        rows=tuple(one["rows"]),
        values=tuple((text, count) for text, count in one["values"]) if remedy in ("choose", "name") else (),
        choices=choices,
        remedy=remedy,
        creates=creates,
        format=one["code"] if remedy == "format" else "",
    )


def _where(kind: ObjectType, found: Import, one: Mapping[str, Any]) -> str:
    if 0 <= one["column"] < len(found.columns):
        return str(found.columns[one["column"]]["name"])
    return str(kind.fields[one["field"]].label) if one["field"] in kind.fields else ""


def _words(one: Mapping[str, Any]) -> str:
    return _("Various problems, each in a few rows.") if one["code"] == "other" else str(one["message"])


def views(actor: Actor, rows: Sequence[Import]) -> list[ImportView]:
    """Imports as a list shows them."""
    people = labels_for(actor, {"user": {one.created_by_id for one in rows if one.created_by_id}})
    gone = undone_among([one.change_set for one in rows if one.change_set is not None])
    return [_view(one, people.get(("user", one.created_by_id or 0), ""), one.change_set in gone) for one in rows]


def _view(found: Import, by: str, undone: bool) -> ImportView:
    stage = "undone" if undone else access.stage_of(found)
    job = found.check_job if stage == "checking" else found.job
    share = min(100, 100 * job.done // job.total) if job is not None and job.total else None
    pages = {"mapping": "/map", "checking": "/check", "checked": "/check"}
    if not found.path and stage in pages:
        pages = {}
    return ImportView(
        found=found,
        kind=snapshot().objects.get(found.object),
        stage=stage,
        state=stages()[stage],
        color=STAGES[stage],
        by=by or "Guanxi",
        share=share,
        href=f"/imports/{found.pk}{pages.get(stage, '')}",
        counts={key: found.state.get(key, 0) for key in ("created", "updated", "unchanged", "rejected")},
    )


def rows_in_words(number: int) -> str:
    """A number of rows."""
    return ngettext("%(count)s row", "%(count)s rows", number) % {"count": f"{number:,}"}
