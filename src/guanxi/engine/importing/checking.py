"""The dry run: every batch is written and taken back, so that what is said is what will happen."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as fresh
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.importing import access, limits
from guanxi.engine.importing.cells import storable
from guanxi.engine.importing.layout import Layout
from guanxi.engine.importing.mapping import ImportMapping, check, of_json
from guanxi.engine.importing.notebook import Notebook
from guanxi.engine.importing.outcome import Row
from guanxi.engine.importing.receiving import opened
from guanxi.engine.importing.rows import batches
from guanxi.engine.importing.scanning import Formats, names_itself, scan
from guanxi.engine.importing.tables import Import
from guanxi.engine.importing.writing import Importer
from guanxi.engine.jobs import Context, Result, job
from guanxi.engine.match_record import MatchKey
from guanxi.engine.write import Door
from guanxi.journal.models import Entry
from guanxi.journal.recorder import Recorder
from guanxi.kernel import clock, db, statistics
from guanxi.kernel.errors import Conflict, Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.text import UNSTORABLE
from guanxi.schema.registry import snapshot

KIND = "import_check"
SHOWN = 5
"""Example rows of each kind of problem."""
VALUES = 100
"""Different texts of each kind of problem that are kept, the most frequent ones first at the end."""
KINDS = 200
SWEPT_AFTER = 25_000
"""After so many rows the place that those taken back left behind is freed."""
Progress = Callable[[int, int | None], None]


class _TakenBack(Exception):
    """Rolls a batch back."""


@dataclass(slots=True)
class Problem:
    """One kind of problem: the same in one column, or the same words about one field."""

    code: str
    column: int
    field: str
    message: str
    count: int = 0
    rows: list[dict[str, Any]] = fresh(default_factory=list)
    texts: Counter[str] = fresh(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as the API gives it."""
        return {
            **{"code": self.code, "column": self.column, "field": self.field, "message": self.message},
            **{"count": self.count, "rows": self.rows, "values": [list(one) for one in self.texts.most_common(VALUES)]},
        }


@dataclass(slots=True)
class Finding:
    """What importing the file would do."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    made: dict[str, int] = fresh(default_factory=dict)
    """Records of other objects made on the way."""
    problems: dict[tuple[str, int, str, str], Problem] = fresh(default_factory=dict)
    formats: Formats = fresh(default_factory=dict)
    questions: list[dict[str, Any]] = fresh(default_factory=list)

    def add(self, rows: list[Row]) -> None:
        """Take in refused rows."""
        self.rejected += len(rows)
        for row in rows:
            for reason in row.reasons:
                words = "" if reason.code in ("choice", "not_found", "repeated") else reason.message
                key = (reason.code, reason.column, reason.field, words)
                problem = self.problems.get(key)
                if problem is None:
                    if len(self.problems) >= KINDS:
                        key = ("other", -1, "", "")
                    problem = self.problems.setdefault(key, Problem(*key[:3], message=storable(reason.message)))
                problem.count += 1
                text = storable(reason.text[:200])
                if len(problem.rows) < SHOWN:
                    problem.rows.append({"row": row.number, "value": text, "message": storable(reason.message)})
                if text and (text in problem.texts or len(problem.texts) < 10 * VALUES):
                    problem.texts[text] += 1

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as the API gives it."""
        counts = {key: getattr(self, key) for key in ("rows", "created", "updated", "unchanged", "rejected")}
        problems = sorted(self.problems.values(), key=lambda one: -one.count)
        return {
            **counts,
            "made": self.made,
            "problems": [one.as_json() for one in problems],
            "formats": {str(column): chosen for column, chosen in self.formats.items()},
            "questions": self.questions,
        }


def decide(actor: Actor, found: Import, mapping: dict[str, Any]) -> Import:
    """Keep a mapping, if it can be carried out; what was found for another one no longer counts."""
    names = [column["name"] for column in found.columns]
    if UNSTORABLE.search(json.dumps(mapping, ensure_ascii=False, default=str)):
        raise Invalid(_("The mapping holds a character that cannot be stored (NUL or half of a pair). Remove it."))
    # Only CSV carries the apostrophe of an export; elsewhere a text is what it is unless somebody says otherwise.
    decided = of_json({"unquote": found.layout["format"] == "csv", **mapping}, names)
    check(decided, actor, snapshot().get(found.object), names)
    found.mapping = decided.as_json()
    found.checked, found.checked_as = {}, ""
    found.save(update_fields=["mapping", "checked", "checked_as"])
    return found


def mapping_of(found: Import) -> ImportMapping:
    """The mapping that is kept."""
    return of_json(found.mapping, [column["name"] for column in found.columns])


def start_check(actor: Actor, import_id: int) -> Import:
    """Check the file: at once where it is short, otherwise by a job. Nothing of it is written.

    Raises :class:`Invalid` where the mapping cannot be carried out.
    """
    found = access.open_one(actor, import_id)
    kind = snapshot().get(found.object)
    names = [column["name"] for column in found.columns]
    check(mapping_of(found), actor, kind, names)
    if found.rows is not None and found.rows <= limits.AT_ONCE:
        keep(found, look_through(actor, found, lambda done, total: None))
        return found
    with db.atomic():
        title = Label(f"Checking {found.name[:200]}", f"检查 {found.name[:200]}")
        found.check_job = jobs.start(actor, KIND, {"import_id": found.pk}, title)
        found.checked, found.checked_as = {}, ""
        found.save(update_fields=["check_job", "checked", "checked_as"])
    return found


@job(KIND, undoes=True)
def check_in_background(context: Context, import_id: int) -> Result:
    """Check a long file. A worker that dies on the way has written nothing; another one begins anew."""
    found = Import.objects.get(pk=import_id)

    def progress(done: int, total: int | None) -> None:
        context.check_cancelled()
        context.progress(done, total)

    finding = look_through(context.actor, found, progress)
    keep(found, finding)
    text = Label(
        f"Checked: {finding.created:,} new, {finding.updated:,} changed, {finding.rejected:,} rejected.",
        f"已检查：新增 {finding.created:,}，更新 {finding.updated:,}，拒绝 {finding.rejected:,}。",
    )
    return Result(text, {"rows": finding.rows}, f"/imports/{found.pk}/check")


def keep(found: Import, finding: Finding) -> None:
    """Keep what the dry run found, for the mapping as it is."""
    found.rows = finding.rows
    found.checked = finding.as_json()
    found.checked_as = mapping_of(found).digest(found.layout)
    found.save(update_fields=["rows", "checked", "checked_as"])


def look_through(actor: Actor, found: Import, progress: Progress) -> Finding:
    """Scan the file, then write every batch and take it back. With questions open it stops after the scan."""
    kind, mapping, layout = snapshot().get(found.object), mapping_of(found), Layout.of(found.layout)
    width = len(found.columns)
    titles = Notebook() if names_itself(kind, mapping) else None
    with opened(found) as file:
        scanned = scan(file, layout, width, kind, mapping, titles)
        finding = Finding(scanned.rows, formats=scanned.formats)
        finding.questions = [question.as_json() for question in scanned.questions]
        if finding.questions:
            return finding
        importer = Importer(actor, kind, mapping, scanned.formats, titles)
        try:
            done = 0
            for batch in batches(file, layout, width):
                progress(done, scanned.rows)
                _try_out(actor, importer, batch, finding)
                if done // SWEPT_AFTER < (done + len(batch.cells)) // SWEPT_AFTER:
                    statistics.sweep(kind.model, MatchKey, Entry)
                done += len(batch.cells)
            finding.made = importer.made
        finally:
            importer.close()
    return finding


def _try_out(actor: Actor, importer: Importer, batch: Any, finding: Finding) -> None:
    try:
        with db.atomic():
            door = Door(actor, Recorder(clock.now(), actor.user_id, "import"))
            outcome = importer.write(door, batch, importer.read(batch))
            raise _TakenBack
    except _TakenBack:
        importer.rolled_back()
    finding.created += outcome.created
    finding.updated += outcome.updated
    finding.unchanged += outcome.unchanged
    finding.add(outcome.rejected)


def require_checked(found: Import) -> None:
    """Raise :class:`Conflict` in words unless the present mapping has been checked and no question is open."""
    if not found.checked or found.checked_as != mapping_of(found).digest(found.layout):
        raise Conflict(_("Check the file with this mapping first."))
    if found.checked.get("questions"):
        raise Conflict(
            _("Say first how the dates or numbers of the column are written; it cannot be told from the file.")
        )
