"""A real OpenLDAP server for the tests: its own folder, its own ports on the loopback address, TLS by an own authority."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.signin import authority

BASE = "dc=corp,dc=example"
READER, READER_PASSWORD = f"cn=reader,{BASE}", "reader-secret"
PLACES = ("/usr/sbin", "/usr/lib/openldap", "/usr/local/libexec", "/usr/libexec")
SCHEMAS = (Path("/etc/ldap/schema"), Path("/etc/openldap/schema"))
MODULES = (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap"))
CONFIG = """
{schemas}
{modules}
pidfile {folder}/slapd.pid
TLSCACertificateFile {certificates.authority}
TLSCertificateFile {certificates.certificate}
TLSCertificateKeyFile {certificates.key}
allow bind_anon_dn
database mdb
suffix "{base}"
rootdn "{reader}"
rootpw {password}
directory {folder}/data
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous none
"""
# “bind_anon_dn” makes the server answer a DN without password with success, as Active Directory does: the trap that
# empty passwords lead into.


@dataclass(frozen=True)
class DirectoryServer:
    """Where the server listens, and the authority to trust."""

    plain: str
    encrypted: str
    authority: str


@contextmanager
def running(folder: Path, people: str) -> Iterator[DirectoryServer]:
    """The server with the entries of an LDIF text; skips where there is no ``slapd``."""
    program = os.environ.get("GUANXI_SLAPD") or shutil.which("slapd", path=os.pathsep.join([os.defpath, *PLACES]))
    if not program:
        reason = "there is no slapd; install OpenLDAP (Debian: apt-get install slapd) or set GUANXI_SLAPD to it"
        if os.environ.get("GUANXI_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    certificates = authority.make(folder / "tls", "localhost")
    (folder / "data").mkdir()
    config = folder / "slapd.conf"
    config.write_text(
        CONFIG.format(
            schemas=_schemas(), modules=_modules(), folder=folder, certificates=certificates,
            base=BASE, reader=READER, password=READER_PASSWORD,
        )
    )  # fmt: skip
    (folder / "people.ldif").write_text(people, encoding="utf-8")
    load = [program, "-T", "add", "-f", str(config), "-l", str(folder / "people.ldif")]
    subprocess.run(load, check=True, capture_output=True, timeout=60)
    plain, encrypted = _free_port(), _free_port()
    listen = f"ldap://127.0.0.1:{plain} ldaps://127.0.0.1:{encrypted}"
    with (folder / "slapd.log").open("w") as log:
        server = subprocess.Popen([program, "-f", str(config), "-h", listen, "-d", "0"], stdout=log, stderr=log)
        try:
            _wait(plain, server, folder / "slapd.log")
            yield DirectoryServer(
                f"ldap://localhost:{plain}", f"ldaps://localhost:{encrypted}", certificates.authority.read_text()
            )
        finally:
            server.terminate()
            server.wait(timeout=20)


def _schemas() -> str:
    folder = next(path for path in SCHEMAS if path.is_dir())
    return "\n".join(f"include {folder}/{name}.schema" for name in ("core", "cosine", "inetorgperson"))


def _modules() -> str:
    """Where the database is a module, as on Debian, it has to be loaded."""
    folder = next(
        (path for path in MODULES if (path / "back_mdb.so").exists() or (path / "back_mdb.la").exists()), None
    )
    return f"modulepath {folder}\nmoduleload back_mdb" if folder else ""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"slapd did not start:\n{log.read_text()}")
