"""Finding records by words, pinyin, initials, numbers and phone tails: the search key that the write door keeps."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.choosing import listed
from guanxi.engine.query.compile import words
from guanxi.engine.shapes import Choice
from guanxi.kernel.text import normalise, search_key
from guanxi.schema.definition import ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot


def key_of(kind: ObjectType, record: Record) -> str:
    """The search key of a record, from the fields the declaration names."""
    texts = []
    for name in kind.declaration.search:
        field = kind.fields[name]
        value = field.read(record)
        if value is not None:
            texts.append(field.kind.to_text(value))
    return search_key(texts)


def find(actor: Actor, text: str, limit: int = 12, per_object: int = 5) -> tuple[Choice, ...]:
    """Records of every object that hold all words of the text, those whose title begins with it first."""
    text = text.strip()
    if not text:
        return ()
    found: list[Choice] = []
    for kind in snapshot():
        if (
            kind.declaration.kind in ("relation", "log")
            or not kind.declaration.search
            or not actor.can("read", kind.key)
        ):
            continue
        rows = visible(actor, kind).filter(words(text, kind, actor)).order_by("-updated_at")[:per_object]
        found.extend(listed(actor, kind, rows))
    wanted = normalise(text)
    found.sort(key=lambda choice: (not normalise(choice.title).startswith(wanted), len(choice.title)))
    return tuple(found[:limit])
