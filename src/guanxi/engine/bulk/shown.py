"""Mass changes as people look at them: their own, and for administrators everybody's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.bulk.tables import BulkRejection, BulkRun, BulkSlice
from guanxi.engine.export.safety import neutralise
from guanxi.engine.job import FINISHED, Job
from guanxi.engine.jobs.shown import sees_all
from guanxi.engine.rows import fetch
from guanxi.kernel import clock
from guanxi.kernel.errors import NotFound
from guanxi.schema.registry import snapshot

KEPT = timedelta(days=90)
AT_ONCE = 200
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was left as it was; its title where the reader may see it."""

    place: int
    record: int
    title: str
    code: str
    reason: str


def find(actor: Actor, run_id: int) -> BulkRun:
    """One run that the actor started, or may see as an administrator; :class:`NotFound` otherwise."""
    rows = BulkRun.objects.filter(pk=run_id)
    found = rows.first() if sees_all(actor) else rows.filter(started_by_id=actor.user_id or 0).first()
    if found is None:
        raise NotFound(_("This mass change does not exist, or somebody else started it."))
    return found


def rejected(actor: Actor, run: BulkRun, after: int = 0, size: int = CHUNK) -> list[Rejected]:
    """The records a run left out, from a place on."""
    rows = list(BulkRejection.objects.filter(run=run, pk__gt=after).order_by("pk")[:size])
    titles = _titles(actor, run.object, [row.record for row in rows])
    return [Rejected(row.pk, row.record, titles.get(row.record, ""), row.code, row.reason) for row in rows]


def _titles(actor: Actor, object_key: str, ids: Sequence[int]) -> dict[int, str]:
    kind = snapshot().objects.get(object_key)
    if kind is None or not ids or not actor.can("read", kind.key):
        return {}
    found, _marks = fetch(among(actor, kind, ids), kind, (), actor, editable=False)
    return {row.id: row.title for row in found}


def as_csv(actor: Actor, run: BulkRun) -> Iterator[bytes]:
    """Every record a run left out, as a CSV file: id, title, reason."""
    yield "\ufeff".encode()
    yield _line([_("Id"), _("Record"), _("Reason")])
    after = 0
    while rows := rejected(actor, run, after):
        yield b"".join(_line([str(row.record), row.title, row.reason]) for row in rows)
        after = rows[-1].place


def _line(cells: Sequence[str]) -> bytes:
    return (",".join('"' + neutralise(cell).replace('"', '""') + '"' for cell in cells) + "\r\n").encode()


def state(run: BulkRun) -> str:
    """How far a run is: the state of its job (queued, running, done, failed, cancelled), else done."""
    if run.job is None:
        return "done"
    found = Job.objects.filter(pk=run.job).values_list("status", flat=True).first()
    return found or "done"


def sweep() -> int:
    """Remove runs older than 90 days, and the ids that finished jobs no longer need; how many runs."""
    jobs = Job.objects.filter(pk__in=BulkRun.objects.filter(slices__isnull=False).values("job"), status__in=FINISHED)
    BulkSlice.objects.filter(run__job__in=list(jobs.values_list("pk", flat=True)[:AT_ONCE])).delete()
    old = list(BulkRun.objects.filter(created_at__lt=clock.now() - KEPT).values_list("pk", flat=True)[:AT_ONCE])
    BulkRun.objects.filter(pk__in=old).delete()
    return len(old)
