"""What an object says about itself besides its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from guanxi.kernel.labels import Label
from guanxi.schema.aggregates import Aggregate, Tile
from guanxi.schema.duplicates import Duplicates
from guanxi.schema.rules import ObjectRules
from guanxi.schema.spec import FieldSpec

if TYPE_CHECKING:
    from guanxi.schema.record import Record
    from guanxi.schema.rules import WriteDoor

ObjectKind = Literal["standard", "relation", "setup", "log", "directory"]
Level = Literal["private", "read", "write"]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of fields in the form and in the properties of the record page."""

    label: Label
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A board: columns by ``group`` (a select, or a lookup to an object with a ``position`` field).

    ``scope`` is a lookup whose record is chosen first, such as the pipeline: then the columns are the records of the group's
    object that agree in it. ``amount`` is summed per column, ``weighted`` likewise.
    """

    group: str
    scope: str = ""
    amount: str = ""
    weighted: str = ""
    card: tuple[str, ...] = ()
    age: str = ""
    """A datetime or date since when the card has stood in its column; shown as days, coloured when stalled."""
    stalled_after: int = 30
    """Days after which an open card counts as stalled."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar by a date or datetime field; ``end`` for things that last."""

    start: str
    end: str = ""
    color: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """A list on the record page: the records of ``source`` whose lookup ``via`` points to this record.

    ``through`` names the lookup of a relation object that leads on to the record worth showing.
    """

    source: str
    via: str
    columns: tuple[str, ...] = ()
    label: Label | None = None
    through: str = ""


@dataclass(frozen=True, slots=True)
class Preset:
    """A view that ships with the object: ``query`` is a typed query line, ``sort`` as in the address bar."""

    key: str
    label: Label
    query: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """How records of this object (follow-ups, tasks) appear in the timelines of the records they point to.

    ``moment`` is the date or datetime they are ordered by, ``via`` the lookups and references they point with, ``body`` the
    text shown, ``sort`` a select whose options carry the icons (option key = icon key of the face).
    """

    moment: str
    via: tuple[str, ...]
    body: str
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action gives back: a sentence for the toast, and the record to go to.

    ``reveal`` is a secret shown this once, beside the sentence, to be copied.
    """

    message: str
    goto: tuple[str, int] | None = None
    reveal: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A verb a person can choose on a record. ``inputs`` are asked first, in a form; their specs are field specs.

    ``right`` is the operation right it needs on the object. ``available`` hides it where it makes no sense.
    """

    key: str
    label: Label
    icon: str
    run: Callable[[WriteDoor, Record, Mapping[str, Any]], Outcome]
    inputs: Mapping[str, FieldSpec] = field(default_factory=dict)
    prefill: Callable[[Record], Mapping[str, Any]] | None = None
    available: Callable[[Record], bool] = lambda record: True
    right: str = "edit"
    primary: bool = False
    makes: Callable[[Record], Sequence[tuple[str, Mapping[str, Any]]]] | None = None
    """What the action is about to create: (object, values) of records that may be there already, told before it is done."""


@dataclass(frozen=True, slots=True)
class Merging:
    """That several records of an object can become one.

    Each group of ``together`` names fields that make sense only together, such as an amount and its currency: the first one
    is chosen, the others follow from the same record.
    """

    together: tuple[tuple[str, ...], ...] = ()


class ObjectDeclaration:
    """Base of the nested ``Declaration`` of a record class; class attributes say everything."""

    key: ClassVar[str]
    label: ClassVar[Label]
    plural: ClassVar[Label]
    icon: ClassVar[str] = "circle"
    kind: ClassVar[ObjectKind] = "standard"
    area: ClassVar[str] = ""
    """Navigation area: customers, sales, catalog, collaboration, setup."""
    order: ClassVar[int] = 100
    title: ClassVar[str] = "name"
    """Key of the field that names a record."""
    title_en: ClassVar[str] = ""
    """Key of the field that names a record to readers of English, where it is filled; the title otherwise."""
    subtitle: ClassVar[str] = ""
    list_columns: ClassVar[Sequence[str]] = ()
    default_sort: ClassVar[str] = "-created_at"
    highlights: ClassVar[Sequence[str]] = ()
    """Fields in the header of the record page."""
    path: ClassVar[str] = ""
    """Field shown as the stage path on the record page."""
    sections: ClassVar[Sequence[Section]] = ()
    search: ClassVar[Sequence[str]] = ()
    quick: ClassVar[Sequence[str]] = ()
    """Fields asked in quick create; the required ones and the title when empty."""
    board: ClassVar[Board | None] = None
    calendar: ClassVar[Calendar | None] = None
    related: ClassVar[Sequence[Related]] = ()
    presets: ClassVar[Sequence[Preset]] = ()
    actions: ClassVar[Sequence[Action]] = ()
    virtual: ClassVar[Mapping[str, FieldSpec]] = {}
    """Fields without a column: tags, links, roll-ups."""
    rules: ClassVar[type[ObjectRules]] = ObjectRules
    default_access: ClassVar[Level] = "private"
    """What everybody with the right to the object may do with every record of it, before roles and grants."""
    restricted: ClassVar[bool] = False
    """Whether even reading needs a right that names this object: a right to every object does not reach it."""
    inherits: ClassVar[Sequence[str]] = ()
    """Lookups or references through which a record is visible to whoever sees the record pointed to."""
    timeline: ClassVar[bool] = False
    """Whether follow-ups can be about a record of this object."""
    stream: ClassVar[Stream | None] = None
    unique_together: ClassVar[Sequence[tuple[str, ...]]] = ()
    merging: ClassVar[Merging | None] = None
    """Whether and how records of the object can be merged."""
    duplicates: ClassVar[Duplicates | None] = None
    """What makes two records the same, checked while they are typed and looked for in those there are."""
    aggregates: ClassVar[Sequence[Aggregate]] = ()
    """Counts and sums kept while records are written, for boards and summaries."""
    tiles: ClassVar[Sequence[Tile]] = ()
    """What the briefing says of the object."""
    import_names: ClassVar[Mapping[str, Sequence[str]]] = {}
    """What columns of files are called in other programs, by field, besides its key and its labels."""
