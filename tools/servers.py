"""Finds the servers that tests talk to besides databases (OpenLDAP), and installs them where that needs no asking."""

from __future__ import annotations

import os
import shutil

from steps import say, step

PLACES = ("/usr/sbin", "/usr/lib/openldap", "/usr/local/libexec", "/usr/libexec")


def find() -> str | None:
    """The path of OpenLDAP's ``slapd``: ``GUANXI_SLAPD``, else what PATH and the usual places know."""
    return os.environ.get("GUANXI_SLAPD") or shutil.which("slapd", path=os.pathsep.join([os.defpath, *PLACES]))


def offer() -> str | None:
    """The path of ``slapd``; on Debian and as root a missing one is installed. ``None``: the tests that need it say so."""
    if path := find():
        return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        say("OpenLDAP", "installing slapd")
        step("OpenLDAP", "package lists read", ["apt-get", "update", "-qq"], env)
        env["RUNLEVEL"] = "1"  # the tests start a server of their own; the packaged one is not to run beside it
        step("OpenLDAP", "installed", ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "slapd"], env)
    if (path := find()) is None:
        say(
            "OpenLDAP",
            "not on this machine: its tests are SKIPPED (Debian: apt-get install slapd; or set GUANXI_SLAPD)",
        )
    return path


if __name__ == "__main__":
    offer()
