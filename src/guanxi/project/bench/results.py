"""The results of the benchmark, kept beside the program: ``RESULTS.md`` to read, ``results.json`` to compare with."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from guanxi.kernel import clock

PRINCIPAL = {
    **{"pages": "median", "permissions": "manager", "search": "manager", "journal": "seconds", "importing": "imported"},
    "serving": "value",
}
"""The number of each part's lines that is compared with the last result."""
Result = dict[str, Any]
"""``part``, ``database``, ``rows``, ``date``, ``machine``, ``versions``, ``lines``, and ``table``, the lines as printed."""


class Book:
    """The results in a folder; a new one takes the place of the last of the same part, database and number of rows."""

    def __init__(self, folder: Path | None) -> None:
        """Without a folder nothing is compared and nothing kept."""
        self._folder = folder
        self._held: dict[str, Result] = {}
        if folder is not None and (folder / "results.json").exists():
            self._held = json.loads((folder / "results.json").read_text(encoding="utf-8"))

    def last(self, part: str, database: str, rows: int, line: dict[str, Any]) -> float | None:
        """The principal number of a line as a share of the last result's; ``None`` where there is none to compare with."""
        principal = PRINCIPAL.get(part)
        known = self._held.get(_key(part, database, rows))
        if principal is None or known is None:
            return None
        before = next((one.get(principal) for one in known["lines"] if one["name"] == line["name"]), None)
        return line[principal] / before if before else None

    def add(
        self, part: str, database: str, rows: int, lines: list[dict[str, Any]], table: list[str], engine: str
    ) -> None:
        """Keep a result and write both files; ``engine`` is the database with its version."""
        result = {
            **{"part": part, "database": database, "rows": rows, "date": f"{clock.now():%Y-%m-%d}"},
            **{"machine": machine(), "versions": versions(engine), "lines": lines, "table": table},
        }
        self._held[_key(part, database, rows)] = result
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            kept = json.dumps(self._held, ensure_ascii=False, indent=1, sort_keys=True)
            (self._folder / "results.json").write_text(kept + "\n", encoding="utf-8")
            (self._folder / "RESULTS.md").write_text(self._text(), encoding="utf-8")

    def _text(self) -> str:
        """The results for readers."""
        lines = [
            "# Results of the benchmark",
            "",
            "Written by `make bench`; what is measured, and how to read it, is in `docs/performance.md`. Milliseconds are",
            "server time of one request. *Last* is the result as a share of the one before it.",
        ]
        for one in (self._held[key] for key in sorted(self._held)):
            lines += ["", f"## {one['part']}, {one['database']}, {one['rows']:,} rows", ""]
            lines += [f"{one['date']}; {one['machine']}; {one['versions']}", "", "```", *one["table"], "```"]
        return "\n".join(lines) + "\n"


def machine() -> str:
    """The processor, its cores and the memory."""
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return f"{name}, {os.cpu_count()} cores"
    return f"{name}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB"


def versions(engine: str) -> str:
    """Of what the numbers depend on."""
    return f"{engine}, Python {platform.python_version()}, Django {version('Django')}, Guanxi {version('guanxi')}"


def _key(part: str, database: str, rows: int) -> str:
    return f"{part} {database} {rows:09d}"
