"""Removing files that were imported, or never were, after some days; what they did stays known."""

from __future__ import annotations

from datetime import timedelta

from guanxi.engine.importing.limits import KEPT_DAYS
from guanxi.engine.importing.receiving import remove_file
from guanxi.engine.importing.tables import Import, ImportDeferral, ImportRejection
from guanxi.engine.job import UNFINISHED
from guanxi.kernel import clock

AT_ONCE = 200
ROWS = 20_000
"""So many rejected rows are removed at once: it runs inside the transaction that marks its period."""


def sweep() -> int:
    """Remove the files and rejected rows of imports that arrived more than 14 days ago and do not run; how many."""
    old = Import.objects.exclude(path="").filter(created_at__lt=clock.now() - timedelta(days=KEPT_DAYS))
    old = old.exclude(job__status__in=UNFINISHED).exclude(check_job__status__in=UNFINISHED).order_by("created_at")
    number = 0
    left = ROWS
    for found in old[:AT_ONCE]:
        for table in (ImportRejection, ImportDeferral):
            ids = list(table._default_manager.filter(of=found).order_by("pk").values_list("pk", flat=True)[:left])
            table._default_manager.filter(pk__in=ids).delete()
            left -= len(ids)
        if left <= 0:
            # The rest of its rows goes next time, and the file with them.
            return number
        _forget_cells(found)
        remove_file(found)
        number += 1
    return number


def _forget_cells(found: Import) -> None:
    """Examples of what stood in the file go with it; names of columns, counts and kinds of problems stay."""
    found.columns = [{**column, "examples": []} for column in found.columns]
    problems = [{**one, "rows": [], "values": []} for one in found.checked.get("problems", ())]
    questions = [{**one, "examples": []} for one in found.checked.get("questions", ())]
    if found.checked:
        found.checked = {**found.checked, "problems": problems, "questions": questions}
    found.save(update_fields=["columns", "checked"])
