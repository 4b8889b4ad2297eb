"""The whole suite: once on SQLite with the browser, once on PostgreSQL without it. Further arguments go to pytest."""

from __future__ import annotations

import os
import subprocess
import sys

import browser
import servers
from steps import ROOT, VENV, say, step
from with_postgres import postgres

REQUIRED = os.environ.get("CI", "").lower() in ("1", "true") or os.environ.get("GUANXI_REQUIRE_SERVICES") == "1"


def main() -> int:
    """The status is 1 if a test failed, or if CI has no PostgreSQL."""
    arguments = sys.argv[1:]
    soak = "--soak" in arguments
    arguments = [argument for argument in arguments if argument != "--soak"]
    step("Translations", "ready", [VENV / "bin" / "guanxi", "translations", "compile"])
    env = os.environ | {"GUANXI_CHROMIUM": browser.require(), "GUANXI_SLAPD": servers.offer() or ""}
    if REQUIRED:
        env["GUANXI_REQUIRE_SERVICES"] = "1"
    failed = _pytest("SQLite", env | {"DATABASE_URL": ""}, "soak" if soak else "not soak", arguments)
    with postgres() as url:
        if url is not None:
            marks = "not browser and not once and " + ("soak" if soak else "not soak")
            failed |= _pytest("PostgreSQL", env | {"DATABASE_URL": url}, marks, arguments)
        elif REQUIRED:
            print("PostgreSQL is missing, and CI requires it; install it or set GUANXI_TEST_POSTGRES.", file=sys.stderr)
            failed = True
        else:
            say("PostgreSQL", "not on this machine: its half of the suite is SKIPPED (set GUANXI_TEST_POSTGRES)")
    return 1 if failed else 0


def _pytest(engine: str, env: dict[str, str], marks: str, arguments: list[str]) -> bool:
    """Whether the run failed."""
    say("Tests", f"on {engine}")
    parallel = [] if any(argument.startswith("-n") for argument in arguments) else ["-n", "2", "--dist", "loadgroup"]
    command = [str(VENV / "bin" / "python"), "-m", "pytest", "-q", *parallel, "-m", marks, *arguments]
    status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    # 5: nothing matched the marks, which is right for a part of the suite chosen by arguments.
    return status not in ((0, 5) if arguments else (0,))


if __name__ == "__main__":
    sys.exit(main())
