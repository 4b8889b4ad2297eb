"""What an import did, cell by cell where something was not understood."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Issue:
    """A cell or row that was not understood, and what was done about it."""

    file: str
    row: int
    column: str
    value: str
    problem: str
    action: str


@dataclass(slots=True)
class AliasUse:
    """A value that the plan reads as another."""

    file: str
    column: str
    value: str
    meaning: str
    count: int = 0


@dataclass(slots=True)
class StepResult:
    """What became of the rows of one step."""

    name: str
    object: str
    file: str
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    used: int = 0
    """Existing records of the same name, used as they are."""
    rejected: int = 0


@dataclass(slots=True)
class ImportReport:
    """The whole import."""

    plan: str
    dry_run: bool
    steps: list[StepResult] = field(default_factory=list)
    aliases: list[AliasUse] = field(default_factory=list)
    empty: list[tuple[str, str, int]] = field(default_factory=list)
    """(file, column, rows) without a value in a column that points to another record; such rows are kept."""
    dates: list[tuple[str, str, str]] = field(default_factory=list)
    """(file, column, order of year, month and day as it was found)."""
    issues: list[Issue] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """Records created or updated."""
        return sum(step.created + step.updated for step in self.steps)

    @property
    def rejected(self) -> int:
        """Rows that were not taken."""
        return sum(step.rejected for step in self.steps)

    def text(self) -> str:
        """The report for the terminal; the issues beyond the first twenty are only counted."""
        lines = [
            _("Import “%(plan)s”") % {"plan": self.plan} + (_(" – dry run, nothing was kept") if self.dry_run else "")
        ]
        lines += [_step_line(step) for step in self.steps]
        for alias in self.aliases:
            message = _("  %(file)s, %(column)s: “%(value)s” read as “%(meaning)s”, %(count)d times")
            lines.append(message % asdict(alias))
        for file, column, count in self.empty:
            message = _("  %(file)s, %(column)s: %(count)d rows without a value, kept")
            lines.append(message % {"file": file, "column": column, "count": count})
        for file, column, order in self.dates:
            lines.append(
                _("  %(file)s, %(column)s: dates read as %(order)s") % {"file": file, "column": column, "order": order}
            )
        message = _("  %(file)s row %(row)d, %(column)s “%(value)s”: %(problem)s %(action)s")
        lines += [message % asdict(issue) for issue in self.issues[:SHOWN]]
        if len(self.issues) > SHOWN:
            lines.append(
                _("  … and %(count)d more, all in the report file (--report)") % {"count": len(self.issues) - SHOWN}
            )
        if not self.issues:
            lines.append(_("  Everything was understood."))
        return "\n".join(lines)

    def save(self, path: Path) -> None:
        """Write the whole report as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _step_line(step: StepResult) -> str:
    message = _(
        "  %(name)s: %(read)d rows, %(created)d created, %(updated)d updated, %(unchanged)d unchanged, "
        "%(used)d already there, %(rejected)d rejected"
    )
    return message % asdict(step)
