"""Making the index anew, and proving that it is right.

A rebuild goes through the records in batches, each a transaction of its own that also notes how far it came. Search stays
there meanwhile, and whoever finds a rebuild unfinished goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from guanxi.engine.search import index
from guanxi.engine.search.document import document_of, kinds
from guanxi.engine.search.feed import LOCK, refresh
from guanxi.engine.search.tables import SearchDocument, SearchRebuild
from guanxi.kernel import clock, db
from guanxi.kernel.errors import NotFound
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

BATCH = 500
EXAMPLES = 5


def order(objects: Collection[str] | None = None) -> int:
    """Note that these objects, or all, are to be indexed anew; how many objects. One under way begins again."""
    known = {kind.key for kind in kinds()}
    for key in objects or ():
        if key not in known:
            raise NotFound(_("There is no object called “%(key)s”.") % {"key": key[:63]})
    wanted = sorted(objects) if objects else sorted({*known, *_stray(known)})
    with db.atomic():
        SearchRebuild.objects.filter(object__in=wanted).delete()
        SearchRebuild.objects.bulk_create(SearchRebuild(object=key, started_at=clock.now()) for key in wanted)
    return len(wanted)


@dataclass(frozen=True, slots=True)
class Step:
    """One batch of a rebuild: the object, how many records were looked at, and how many documents differed."""

    object: str
    looked: int
    differed: int


def go_on(progress: Callable[[Step], None] | None = None) -> int:
    """Do what is still to be done of a rebuild; how many documents differed. Returns at once where nothing is ordered."""
    written = 0
    while (done := step()) is not None:
        written += done.differed
        if progress is not None:
            progress(done)
    return written


def under_way() -> list[SearchRebuild]:
    """The objects still to be done."""
    return list(SearchRebuild.objects.order_by("pk"))


def step() -> Step | None:
    """Do one batch in a transaction; ``None`` when everything is done."""
    with db.atomic():
        held = SearchRebuild.objects.select_for_update().order_by("pk").first()
        if held is None:
            return None
        kind = snapshot().objects.get(held.object)
        # The feed waits: it must not write a newer state of a record between our reading and our writing.
        db.lock(LOCK)
        ids = _next(kind, held.after) if kind is not None else []
        last = ids[-1] if len(ids) == BATCH else None
        differed = refresh(kind, ids) if kind is not None and ids else 0
        differed += _without(held.object, held.after, last, ids)
        if last is None:
            held.delete()
        else:
            held.after, held.written = last, held.written + differed
            held.save(update_fields=["after", "written"])
        return Step(held.object, len(ids), differed)


def _next(kind: ObjectType, after: int) -> list[int]:
    rows = kind.model._default_manager.filter(pk__gt=after, deleted_at=None).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _without(key: str, after: int, last: int | None, ids: Collection[int]) -> int:
    """Take out the documents between two ids that have no record."""
    rows = SearchDocument.objects.filter(object=key, record__gt=after).exclude(record__in=ids)
    if last is not None:
        rows = rows.filter(record__lte=last)
    gone = list(rows.values_list("record", flat=True))
    return sum(index.remove(key, gone[at : at + BATCH]) for at in range(0, len(gone), BATCH))


def _stray(known: Collection[str]) -> list[str]:
    """Objects in the index that are no longer searched."""
    held = SearchDocument.objects.order_by().values_list("object", flat=True).distinct()
    return sorted(set(held) - set(known))


@dataclass
class Finding:
    """How the index differs from the records; each list holds a few examples ``object:id``."""

    documents: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"missing": 0, "stale": 0, "superfluous": 0})
    examples: dict[str, list[str]] = field(default_factory=lambda: {"missing": [], "stale": [], "superfluous": []})

    @property
    def whole(self) -> bool:
        """Whether index and records agree."""
        return not any(self.counts.values())

    def note(self, what: str, key: str, records: Collection[int]) -> None:
        """Count a difference."""
        self.counts[what] += len(records)
        room = EXAMPLES - len(self.examples[what])
        self.examples[what].extend(f"{key}:{record}" for record in sorted(records)[: max(room, 0)])


def check() -> Finding:
    """Compare the index with the records, batch by batch; entries not yet taken up count as differences."""
    finding = Finding()
    for kind in kinds():
        for after, last, ids in _batches(kind):
            rows = SearchDocument.objects.filter(object=kind.key, record__gt=after)
            if last is not None:
                rows = rows.filter(record__lte=last)
            held = {one.record: one for one in rows}
            right = {one.pk: document_of(kind, one) for one in kind.model._default_manager.filter(pk__in=ids)}
            finding.documents += len(held)
            finding.note("missing", kind.key, right.keys() - held.keys())
            finding.note("superfluous", kind.key, held.keys() - right.keys())
            both = right.keys() & held.keys()
            finding.note("stale", kind.key, {pk for pk in both if not index.same(held[pk], right[pk])})
    for key in _stray({kind.key for kind in kinds()}):
        strays = SearchDocument.objects.filter(object=key).values_list("record", flat=True)
        finding.note("superfluous", key, list(strays))
    return finding


def _batches(kind: ObjectType) -> Iterator[tuple[int, int | None, list[int]]]:
    after = 0
    while True:
        ids = _next(kind, after)
        last = ids[-1] if len(ids) == BATCH else None
        yield after, last, ids
        if last is None:
            return
        after = last
