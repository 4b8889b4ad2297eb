"""What the read door gives out: rows already scoped, projected and labelled for one actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guanxi.schema.definition import FieldDefinition, ObjectType

Labels = Mapping[tuple[str, int], str]
"""Title of each record that lookups on a page point to, by (object key, id); absent when the actor may not see it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record as the actor may see it. ``values`` holds every requested field by key, masked ones already masked."""

    id: int
    title: str
    version: int
    values: Mapping[str, Any]
    currency: str = ""
    editable: bool = False
    deleted: bool = False
    masked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Count:
    """A count that stops at a bound: ``more`` says that there are more than ``number``."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. ``next`` and ``previous`` are opaque cursors, ``None`` at the ends."""

    kind: ObjectType
    columns: tuple[FieldDefinition, ...]
    rows: tuple[Row, ...]
    labels: Labels
    next: str | None = None
    previous: str | None = None
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record with everything the actor may see of it and the operations the actor may do on it."""

    kind: ObjectType
    row: Row
    fields: tuple[FieldDefinition, ...]
    labels: Labels
    can: frozenset[str]
    """Operation rights that hold for this record: edit, delete, restore, assign, share, …"""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column of a board; money is in hundredths of the company's currency."""

    value: str
    label: str
    color: str
    category: str
    count: int
    amount: int | None
    weighted: int | None
    rows: tuple[Row, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class BoardView:
    """A board: its columns, the records to choose its scope from (pipelines) and the one chosen."""

    kind: ObjectType
    columns: tuple[BoardColumn, ...]
    labels: Labels
    scopes: tuple[tuple[int, str], ...] = ()
    scope: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One record offered by a lookup field or found by search."""

    object: str
    id: int
    title: str
    subtitle: str = ""


@dataclass(frozen=True, slots=True)
class StreamItem:
    """One thing on a timeline: a follow-up or task (``row``), or what a journal entry says (``changes``)."""

    at: datetime
    object: str
    record: int
    sort: str
    title: str
    body: str = ""
    actor: str = ""
    row: Row | None = None
    verb: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    """(field label, before, after) as the reader reads them."""
    about: tuple[tuple[str, int, str], ...] = field(default=())
    """(object key, id, title) of the records it concerns besides the one looked at."""
    change_set: int = 0
    """The change set that a journal entry belongs to."""
    why: str = ""
    """Where the change came from, in words; empty for what was typed on a page."""
    undone: bool = False
    """Whether the change was taken back since."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A page of a timeline, newest first; ``next`` is the cursor for older items."""

    items: tuple[StreamItem, ...]
    next: str | None = None
