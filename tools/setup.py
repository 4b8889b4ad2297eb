"""Makes .venv and installs Guanxi into it; does nothing if pyproject.toml has not changed. Standard library only."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from steps import ROOT, VENV, VENV_PYTHON, digest, is_stamped, quietly, say, step, stop, write_stamp


def main() -> None:
    """With ``--dev`` the tools for tests and checks are installed too."""
    development = "--dev" in sys.argv[1:]
    if sys.version_info < (3, 11):  # noqa: UP036  (this file runs on whatever Python the machine has)
        stop(
            f"Guanxi needs Python 3.11 or newer; this is {sys.version.split()[0]}. Use make PYTHON=/path/to/python3.11."
        )
    _make_environment()
    _install(development)


def _make_environment() -> None:
    if VENV_PYTHON.exists() and quietly([VENV_PYTHON, "-c", "import pip"])[0]:
        return
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        stop(
            "This Python cannot make virtual environments (its venv or ensurepip module is missing); "
            "on Debian and Ubuntu, install the package python3-venv."
        )
    if VENV.exists():
        shutil.rmtree(VENV)
    step("Python", f"environment made with Python {sys.version.split()[0]}", [sys.executable, "-m", "venv", VENV])


def _install(development: bool) -> None:
    state = digest([ROOT / "pyproject.toml"], str(ROOT))
    # What was installed for development holds everything that running needs.
    stamps = [VENV / ".guanxi-dev"] if development else [VENV / ".guanxi-run", VENV / ".guanxi-dev"]
    if any(is_stamped(stamp, state) for stamp in stamps):
        say("Python", "packages up to date")
        return
    say("Python", "installing packages; the first time this takes a minute")
    what = ".[dev]" if development else "."
    pip: list[str | Path] = [
        VENV_PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--editable",
        what,
    ]
    step("Python", "packages installed", pip)
    write_stamp(stamps[0], state)


if __name__ == "__main__":
    main()
