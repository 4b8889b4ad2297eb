"""Runs programs as steps: one line each, and the program's own words only when it fails. Standard library only."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"


def say(step: str, result: str) -> None:
    """One progress line."""
    print(f"{step:<14} {result}", flush=True)


def stop(sentence: str) -> NoReturn:
    """End with one sentence."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def quietly(command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> tuple[bool, str]:
    """Run a program; whether it succeeded, and all it printed."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return False, f"{command[0]} cannot be started: {error.strerror}"
    return result.returncode == 0, result.stdout


def step(
    name: str, done: str, command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> None:
    """Run a program and print ``done`` with the seconds it took; if it fails, print its log and end."""
    begun = time.monotonic()
    succeeded, log = quietly(command, env, cwd)
    if not succeeded:
        print(log.rstrip(), file=sys.stderr)
        stop(f"{name}: failed; the log is above. The command was: {' '.join(str(part) for part in command)}")
    say(name, f"{done} ({time.monotonic() - begun:.0f} s)")


def digest(paths: Iterable[Path], *words: str) -> str:
    """A digest of the contents of files, their names, and further words."""
    result = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        result.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return result.hexdigest()


def is_stamped(stamp: Path, state: str) -> bool:
    """Whether the step that left ``stamp`` ran on the same state."""
    return stamp.is_file() and stamp.read_text(encoding="ascii").strip() == state


def write_stamp(stamp: Path, state: str) -> None:
    """Remember that a step ran on this state."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state + "\n", encoding="ascii")


def with_path(directory: Path) -> dict[str, str]:
    """This environment with ``directory`` first in PATH."""
    return os.environ | {"PATH": f"{directory}{os.pathsep}{os.environ.get('PATH', '')}"}
