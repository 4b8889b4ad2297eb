"""Every check that needs no running program, a line each. Runs in .venv; shows the words of those that fail."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assets import ASSETS, find_node
from steps import ROOT, VENV, quietly, say, with_path

BIN = VENV / "bin"


def checks() -> list[tuple[str, Sequence[str | Path]]]:
    """Name and command of each check, in the order of speed."""
    node, _ = find_node()
    paths = [name for name in ("src", "tests", "tools") if (ROOT / name).is_dir()]
    return [
        ("format", [BIN / "ruff", "format", "--check", "--quiet", *paths]),
        ("lint", [BIN / "ruff", "check", "--quiet", *paths]),
        ("layers", [BIN / "lint-imports", "--no-logo"]),
        ("translations", [BIN / "guanxi", "translations", "check"]),
        ("program", [BIN / "guanxi", "check", "--code"]),
        ("migrations", [BIN / "guanxi", "manage", "makemigrations", "--check", "--dry-run"]),
        ("typescript", [node, ASSETS / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit", "-p", ASSETS]),
        ("types", [BIN / "mypy"]),
    ]


def main() -> int:
    """The status is 1 if any check failed; all are run."""
    if not (ASSETS / "node_modules" / "typescript").is_dir():
        ok, log = quietly([sys.executable, ROOT / "tools" / "assets.py", "--packages"])
        if not ok:
            print(log.rstrip(), file=sys.stderr)
    # The checks look at the code alone: no configuration file and no data of the developer may change the answer.
    env = with_path(BIN) | {"GUANXI_DATA_DIR": str(ROOT / "build" / "check"), "DATABASE_URL": ""}
    failed = []
    for name, command in checks():
        begun = time.monotonic()
        succeeded, log = quietly(command, env)
        say(name, f"{'ok' if succeeded else 'FAILED'} ({time.monotonic() - begun:.1f} s)")
        if not succeeded:
            failed.append(name)
            print(log.rstrip() + os.linesep, file=sys.stderr, flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
