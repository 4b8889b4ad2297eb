"""Finds the browser of the tests, and installs it where that can be done without asking."""

from __future__ import annotations

import os
import shutil

from steps import say, step, stop

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of Chromium or Chrome: ``GUANXI_CHROMIUM``, else what PATH knows."""
    return os.environ.get("GUANXI_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def require() -> str:
    """The path of the browser; on Debian and as root a missing one is installed, elsewhere a sentence ends the run."""
    if path := find():
        return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        say("Browser", "installing chromium")
        step("Browser", "package lists read", ["apt-get", "update", "-qq"], env)
        packages = ["chromium", "fonts-noto-cjk"]
        step("Browser", "installed", ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages], env)
    if path := find():
        return path
    stop("The browser tests need Chromium; install it (Debian: apt-get install chromium) or set GUANXI_CHROMIUM to it.")


if __name__ == "__main__":
    require()
