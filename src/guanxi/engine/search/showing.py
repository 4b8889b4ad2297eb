"""The results as a page or the API shows them: with the places of the matches, in fields that are open to the reader."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.choosing import listed
from guanxi.engine.rows import fetch
from guanxi.engine.search.asked import Asked, asked
from guanxi.engine.search.document import PROSE_KINDS, kinds, naming
from guanxi.engine.search.finding import Search
from guanxi.engine.search.marking import Pieces, marked, snippet
from guanxi.engine.shapes import Choice
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

_OPEN = ("read", "write")
_MARK = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Result:
    """One record found; ``found_in`` are the fields besides the title that hold matches, by label."""

    kind: ObjectType
    id: int
    title: Pieces
    subtitle: str
    found_in: tuple[tuple[str, Pieces], ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The best results; ``more`` says that there are, or may be, more than are shown."""

    items: tuple[Result, ...]
    more: bool


def searched(actor: Actor) -> list[ObjectType]:
    """The objects whose records the actor can search for."""
    return [kind for kind in kinds() if actor.can("read", kind.key)]


def results(
    actor: Actor, text: str, limit: int, objects: Collection[str] | None = None, *, thorough: bool = False
) -> Results:
    """The best results of a text, with marks; ``thorough`` looks further than while a person types."""
    question = asked(text)
    search = Search(actor, question, objects, thorough=thorough)
    best = search.best(limit + 1)
    wanted: dict[str, list[int]] = {}
    for one in best[:limit]:
        wanted.setdefault(one.object, []).append(one.record)
    shown: dict[tuple[str, int], Result] = {}
    for key, ids in wanted.items():
        shown |= _shown(actor, snapshot().get(key), ids, question)
    return Results(
        tuple(shown[one.key] for one in best[:limit] if one.key in shown), len(best) > limit or not search.complete
    )


def _shown(actor: Actor, kind: ObjectType, ids: list[int], question: Asked) -> dict[tuple[str, int], Result]:
    names = {field.key for field in naming(kind)}
    fields = [
        kind.fields[key]
        for key in kind.declaration.search
        if key not in names and actor.field_level(kind.key, key) in _OPEN
    ]
    rows = among(actor, kind, ids).filter(deleted_at=None)
    choices: dict[int, Choice] = {choice.id: choice for choice in listed(actor, kind, rows)}
    found, _marks = fetch(rows, kind, fields, actor, editable=False)
    shown = {}
    for row in found:
        choice = choices[row.id]
        held = [(field, _text(field, row.values.get(field.key), actor)) for field in fields]
        marks = [(str(field.label), snippet(text, question)) for field, text in held if text]
        found_in = tuple((label, pieces) for label, pieces in marks if pieces)
        shown[(kind.key, row.id)] = Result(kind, row.id, marked(choice.title, question), choice.subtitle, found_in)
    return shown


def _text(field: FieldDefinition, value: object, actor: Actor) -> str:
    if value is None:
        return ""
    text = field.display(value, actor.reading())
    return _MARK.sub(" ", text) if field.kind.name in PROSE_KINDS else text
