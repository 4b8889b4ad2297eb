"""Carrying an import out: a job in batches, each a transaction with its checkpoint, all of them one change set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.importing import access
from guanxi.engine.importing.cells import storable
from guanxi.engine.importing.checking import mapping_of, require_checked
from guanxi.engine.importing.later import fill_in
from guanxi.engine.importing.layout import Layout
from guanxi.engine.importing.mapping import ImportMapping, check
from guanxi.engine.importing.notebook import Notebook
from guanxi.engine.importing.outcome import LATE, Outcome, Row
from guanxi.engine.importing.receiving import opened
from guanxi.engine.importing.rows import Batch, batches
from guanxi.engine.importing.scanning import names_itself, scan
from guanxi.engine.importing.tables import Import, ImportDeferral, ImportRejection
from guanxi.engine.importing.writing import Importer
from guanxi.engine.jobs import Context, Result, job
from guanxi.engine.notifications import notify
from guanxi.engine.notifications.telling import muted
from guanxi.engine.write import Door
from guanxi.journal import causes
from guanxi.journal.models import ChangeSet, Entry
from guanxi.journal.recorder import Recorder
from guanxi.kernel import bulk, clock, db, statistics
from guanxi.kernel.errors import Conflict
from guanxi.kernel.labels import Label
from guanxi.kernel.roomy import roomy
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

T = TypeVar("T")
KIND = "import"
COUNTS = ("created", "updated", "unchanged", "rejected")


def start(actor: Actor, import_id: int) -> Import:
    """Carry a checked import out by a job. Raises :class:`Conflict` where the mapping has not been checked."""
    with db.atomic():
        Import.objects.select_for_update().filter(pk=import_id).first()
        found = access.open_one(actor, import_id)
        kind = snapshot().get(found.object)
        check(mapping_of(found), actor, kind, [column["name"] for column in found.columns])
        require_checked(found)
        _queue(actor, found, kind)
    return found


def resume(actor: Actor, import_id: int) -> Import:
    """Go on with an import that was cancelled or failed, from where it left off."""
    with db.atomic():
        Import.objects.select_for_update().filter(pk=import_id).first()
        found = access.own(actor, import_id)
        if access.stage_of(found) != "stopped":
            raise Conflict(_("Only an import that was stopped can be gone on with."))
        if _undone(found):
            raise Conflict(_("What this import did was undone. Send the file again to import it."))
        kind = snapshot().get(found.object)
        check(mapping_of(found), actor, kind, [column["name"] for column in found.columns])
        _queue(actor, found, kind)
    return found


def _queue(actor: Actor, found: Import, kind: ObjectType) -> None:
    title = Label(
        f"Import of {kind.plural.en.lower()}: {found.name[:200]}", f"导入{kind.plural.zh}：{found.name[:200]}"
    )
    found.job = jobs.start(actor, KIND, {"import_id": found.pk}, title)
    found.begun_at = found.begun_at or clock.now()
    found.save(update_fields=["job", "begun_at"])
    audit.note("imported", actor, object_key=kind.key, detail=f"{found.name}, {found.rows or 0:,} rows")


@job(KIND)
def import_in_background(context: Context, import_id: int) -> Result:
    """Carry an import out, from its last checkpoint."""
    return _Run(context.actor, Import.objects.get(pk=import_id), context).go()


def run_here(actor: Actor, import_id: int) -> Import:
    """Carry a checked import out in this process; for the command line."""
    found = access.open_one(actor, import_id)
    require_checked(found)
    found.begun_at = clock.now()
    found.save(update_fields=["begun_at"])
    _Run(actor, found, None).go()
    found.refresh_from_db()
    return found


class _Run:
    """One attempt at one import. Without a context it runs in this process."""

    def __init__(self, actor: Actor, found: Import, context: Context | None) -> None:
        self.actor = actor
        self.found = found
        self.context = context
        self.kind = snapshot().get(found.object)
        self.mapping: ImportMapping = mapping_of(found)
        self.state: dict[str, Any] = {"rows": 0, "deferral": 0, **dict.fromkeys(COUNTS, 0), "owners": {}, **found.state}

        self._made = Counter(self.found.state.get("made", {}))
        """What earlier attempts have made on the way."""

    def go(self) -> Result:
        """Do what is left."""
        layout, width = Layout.of(self.found.layout), len(self.found.columns)
        titles = Notebook() if names_itself(self.kind, self.mapping) else None
        formats = {int(column): chosen for column, chosen in self.found.checked["formats"].items()}
        with opened(self.found) as file:
            if titles is not None:
                scan(file, layout, width, self.kind, self.mapping, titles)
            importer = Importer(self.actor, self.kind, self.mapping, formats, titles)
            try:
                with roomy() as settle:
                    self._write(importer, batches(file, layout, width), settle)
            finally:
                importer.close()
        fill_in(self.found, self.kind, self.mapping, self.state["deferral"], self._between, self._later)
        return self._finish()

    def _write(self, importer: Importer, pending: Iterator[Batch], settle: Callable[[], None]) -> None:
        """Write the batches, each of them read while the one before is being committed; ``settle`` is called after each."""
        passed = 0
        while passed < self.state["rows"] and (batch := next(pending, None)):
            importer.remember(batch, self._refused_early(batch))
            passed += len(batch.cells)

        def read() -> tuple[Batch, list[Row]] | None:
            batch = next(pending, None)
            return (batch, importer.read(batch)) if batch is not None else None

        ahead, number = read(), 0
        with ThreadPoolExecutor(1, "import") as reader:
            while ahead is not None:
                self._between()
                importer.actor = self.actor
                coming = self._batch(importer, *ahead, lambda: reader.submit(copy_context().run, read))
                settle()
                number += 1
                if number & (number - 1) == 0:
                    # Twice as many batches, twice as long a table: time for the planner to learn of it.
                    statistics.refresh()
                ahead = coming.result()

    def _between(self) -> None:
        """Between two batches: whether to stop, and with which rights to go on."""
        if self.context is not None:
            self.context.check_cancelled()
            self.actor = self.context.actor
        if _undone(self.found):
            raise Conflict(_("What this import had done so far was undone, so it has stopped."))

    def _refused_early(self, batch: Batch) -> set[int]:
        rows = ImportRejection.objects.filter(of=self.found, row__gte=batch.numbers[0], row__lte=batch.numbers[-1])
        return {number for number, reasons in rows.values_list("row", "reasons") if reasons[0]["code"] not in LATE}

    def _batch(self, importer: Importer, batch: Batch, rows: list[Row], done: Callable[[], T]) -> T:
        """Write one batch; what ``done`` gives, which is called just before the commit."""
        with db.atomic(), muted():
            door = self._door()
            outcome = importer.write(door, batch, rows)
            self._note(outcome)
            self.state["made"] = dict(self._made + Counter(importer.made))
            self.state["rows"] += len(batch.cells)
            self._checkpoint(door)
            found = done()
        importer.committed()
        return found

    def _later(self, rows: list[ImportDeferral], write: Any) -> None:
        """References of records to other rows of the file, once these exist."""
        with db.atomic(), muted():
            door = self._door()
            write(self.actor, door)
            self.state["deferral"] = rows[-1].pk
            self._checkpoint(door)

    def _door(self) -> Door:
        cause = causes.cause("import", notify=self.mapping.notify, automate=self.mapping.automate)
        recorder = Recorder(clock.now(), self.actor.user_id, cause, self.found.name)
        if self.found.change_set is not None:
            recorder.change_set = ChangeSet.objects.get(pk=self.found.change_set)
        recorder.begin()
        return Door(self.actor, recorder)

    def _note(self, outcome: Outcome) -> None:
        """Add the counts up, and keep what was refused and what waits, in the transaction of the batch."""
        for key in ("created", "updated", "unchanged"):
            self.state[key] += getattr(outcome, key)
        self.state["rejected"] += len(outcome.rejected)
        owners = Counter({int(person): count for person, count in self.state["owners"].items()}) + outcome.owners
        self.state["owners"] = {str(person): count for person, count in owners.items()}
        bulk.insert([_rejection(self.found, row) for row in outcome.rejected])
        later = [
            ImportDeferral(of=self.found, record=row.record or 0, row=row.number, references=row.later)
            for row in outcome.later
        ]
        bulk.insert(later)

    def _checkpoint(self, door: Door) -> None:
        """Keep how far it is: in the import, and in the job, which fails where another worker has taken it up."""
        self._keep_change_set(door)
        self.found.state = dict(self.state)
        self.found.save(update_fields=["change_set", "state"])
        if self.context is not None:
            self.context.checkpoint({"rows": self.state["rows"]}, self.state["rows"], self.found.rows)

    def _keep_change_set(self, door: Door) -> None:
        """The change set of the first batch that wrote anything is that of all; one without entries is not kept."""
        if self.found.change_set is None and door.change_set is not None:
            if Entry.objects.filter(change_set=door.change_set).exists():
                self.found.change_set = door.change_set
            else:
                ChangeSet.objects.filter(pk=door.change_set).delete()

    def _finish(self) -> Result:
        with db.atomic():
            self.found.finished_at = clock.now()
            self.found.state = dict(self.state)
            self.found.save(update_fields=["finished_at", "state"])
            ImportDeferral.objects.filter(of=self.found).delete()
            if self.mapping.notify:
                self._tell()
        statistics.refresh()
        counts = {key: self.state[key] for key in COUNTS}
        text = Label(
            "{created:,} new, {updated:,} changed, {unchanged:,} unchanged, {rejected:,} rejected.".format(**counts),
            "新增 {created:,}，更新 {updated:,}，未变 {unchanged:,}，拒绝 {rejected:,}。".format(**counts),
        )
        return Result(text, counts, f"/imports/{self.found.pk}")

    def _tell(self) -> None:
        """Tell each person once how many records became theirs, however many batches there were."""
        name = self.actor.name or "Guanxi"
        for person, count in self.state["owners"].items():
            english = f"{name} imported {count:,} {self.kind.plural.en.lower()} that are yours now"
            chinese = f"{name} 导入了 {count:,} 条由您负责的{self.kind.label.zh}"
            notify([int(person)], Label(english, chinese), kind="assigned")


def _rejection(found: Import, row: Row) -> ImportRejection:
    reasons = [
        {"code": one.code, "column": one.column, "field": one.field, "message": storable(one.message)}
        for one in row.reasons
    ]
    return ImportRejection(of=found, row=row.number, cells=[storable(cell) for cell in row.cells], reasons=reasons)


def _undone(found: Import) -> bool:
    """Whether what it did has been taken back, at least in part."""
    return found.change_set is not None and ChangeSet.objects.filter(undoes=found.change_set).exists()
