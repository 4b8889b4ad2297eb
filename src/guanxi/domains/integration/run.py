"""``guanxi import``: bring in a folder by a plan, in one change set."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.domains.integration import dates
from guanxi.domains.integration.plan import Plan, Step, find_plan
from guanxi.domains.integration.report import ImportReport, StepResult
from guanxi.domains.integration.rows import Item, StepReader
from guanxi.domains.integration.tabular import Line, Table, read_table
from guanxi.domains.integration.upsert import write_items
from guanxi.engine import write
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid
from guanxi.schema.rules import WriteDoor


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person can choose. ``date_order`` is needed only where a column does not decide it by itself."""

    currency: str | None = None
    date_order: dates.Order | None = None
    dry_run: bool = False
    report: Path | None = None
    rejected: Path | None = None
    """Folder for the rows that were rejected: a file per input file, in the form of the input."""


class _Undo(Exception):
    """Rolls a dry run back."""


def import_folder(
    path: Path,
    *,
    plan: str | None = None,
    options: ImportOptions | None = None,
    progress: Callable[[str], None] = print,
) -> ImportReport:
    """Bring in the files of a folder. All of it is one change set; running it again changes only what differs.

    Raises :class:`Invalid` in words, with nothing changed, where the plan, a file or a date column is not clear.
    """
    options = options or ImportOptions()
    found = find_plan(plan, path)
    tables = {name: read_table(path / name) for name in found.files}
    _check_columns(found, tables)
    report = ImportReport(found.name, options.dry_run)
    rejected: dict[str, list[Line]] = {}
    try:
        with db.atomic(), write.change(Actor.program(), cause="import", note=found.name) as door:
            for step in found.steps:
                items = _run(found, step, tables, options, door, report)
                rejected.setdefault(step.file, []).extend(item.line for item in items if item.rejected)
                progress(f"{step.name}: {report.steps[-1].read}")
            if options.dry_run:
                raise _Undo
    except _Undo:
        pass
    if options.report is not None:
        report.save(options.report)
    if options.rejected is not None:
        _save_rejected(options.rejected, tables, rejected)
    return report


def _check_columns(plan: Plan, tables: Mapping[str, Table]) -> None:
    for step in plan.steps:
        if not step.file:
            continue
        missing = sorted(step.columns - set(tables[step.file].columns))
        if missing:
            message = _("The file “%(file)s” has no column %(columns)s.")
            raise Invalid(message % {"file": step.file, "columns": ", ".join(f"“{name}”" for name in missing)})


def _run(
    plan: Plan, step: Step, tables: Mapping[str, Table], options: ImportOptions, door: WriteDoor, report: ImportReport
) -> list[Item]:
    table = tables[step.file] if step.file else _inline(step)
    chosen = {**plan.defaults, **({"currency": options.currency} if options.currency else {})}
    reader = StepReader(plan, step, chosen, options.date_order, report)
    result = StepResult(step.name, step.object, step.file)
    report.steps.append(result)
    items = reader.items(table)
    result.read = len(items)
    write_items(reader, items, door, result)
    return items


def _inline(step: Step) -> Table:
    lines = tuple(Line(number, row) for number, row in enumerate(step.rows, 1))
    return Table(step.name, tuple(step.rows[0]), lines)


def _save_rejected(folder: Path, tables: Mapping[str, Table], rejected: Mapping[str, list[Line]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in rejected.items():
        if name and lines:
            with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(tables[name].columns)
                writer.writerows([[line.cells[column] for column in tables[name].columns] for line in lines])


def main(args: argparse.Namespace) -> int:
    """Run the import from the command line; 0 when every row was taken, 1 when some were rejected."""
    options = ImportOptions(args.currency, args.date_format, args.dry_run, args.report, args.rejected)
    report = import_folder(args.folder, plan=args.plan, options=options)
    print(report.text())
    return 1 if report.rejected else 0
