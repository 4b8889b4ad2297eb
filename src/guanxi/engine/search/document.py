"""From a record to what it is found by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from guanxi.engine.search import words
from guanxi.engine.search.tables import SearchDocument
from guanxi.kernel.text import search_key
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot

PROSE_KINDS = ("long_text", "rich_text")
NAME = 160
"""Longer texts are prose, whatever their field is called."""


def searchable(kind: ObjectType) -> bool:
    """Whether records of the object are found by the search over everything."""
    return bool(kind.declaration.search) and kind.declaration.kind not in ("relation", "log")


def kinds() -> list[ObjectType]:
    """The objects that are searched."""
    return [kind for kind in snapshot() if searchable(kind)]


def keys_of(kind: ObjectType, records: Sequence[Record]) -> list[str]:
    """The search keys of records, from the fields the declaration names; the write door keeps them, lists search in them."""
    columns = []
    for name in kind.declaration.search:
        field = kind.fields[name]
        to_text = field.kind.to_text
        columns.append([to_text(value) if value is not None else "" for value in field.read_each(records)])
    return [search_key(texts) for texts in zip(*columns, strict=True)] if columns else [""] * len(records)


def naming(kind: ObjectType) -> list[FieldDefinition]:
    """The fields that name a record, in either language."""
    declared = kind.declaration
    return [kind.fields[key] for key in dict.fromkeys((declared.title, declared.title_en)) if key]


def document_of(kind: ObjectType, record: Record) -> SearchDocument:
    """The document of a record as it stands, not yet stored."""
    titles = [str(value) for field in naming(kind) if (value := field.read(record))]
    heads: list[str] = []
    named: list[str] = []
    for title in titles:
        found, first = words.of_name(title[:NAME])
        named.extend(found)
        heads.extend(first)
    every = list(named)
    named_by = {field.key for field in naming(kind)}
    for field, text in _texts(kind, record):
        if field.key in named_by and len(text) <= NAME:
            continue
        prose = field.kind.name in PROSE_KINDS or len(text) > NAME
        every.extend(words.of_prose(text) if prose else words.of_name(text)[0])
    owner: Any = getattr(record, "owner_id", None)
    return SearchDocument(
        object=kind.key,
        record=record.pk,
        owner=owner,
        updated=record.updated_at,
        title=words.plain(titles[0])[:120] if titles else "",
        title_words=words.joined([*dict.fromkeys(heads), "|", *dict.fromkeys(named)]),
        words=words.joined(dict.fromkeys([*every, *words.pairs(every)])),
    )


def documents(kind: ObjectType, ids: Iterable[int]) -> Iterator[SearchDocument]:
    """The documents of those of the records that live."""
    for record in kind.model._default_manager.filter(pk__in=list(ids), deleted_at=None):
        yield document_of(kind, record)


def _texts(kind: ObjectType, record: Record) -> Iterator[tuple[FieldDefinition, str]]:
    for name in kind.declaration.search:
        field = kind.fields[name]
        value = field.read(record)
        if value is not None:
            yield field, field.kind.to_text(value)
