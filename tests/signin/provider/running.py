"""Starting the provider, and telling it whom to vouch for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[3]
CLIENT_ID, CLIENT_SECRET = "guanxi-client", "client-secret-9f3a"


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    address: str

    @property
    def issuer(self) -> str:
        """Its name for itself."""
        return f"{self.address}/o"

    def knows(self, username: str, **claims: Any) -> None:
        """From now on it vouches for this person with these claims."""
        told: dict[str, Any] = {"username": username, "claims": {"preferred_username": username, **claims}}
        requests.post(f"{self.address}/control/person", json=told, timeout=10).raise_for_status()

    def serves(self, redirect_uri: str) -> None:
        """From now on it sends people back to this address."""
        told = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": redirect_uri}
        requests.post(f"{self.address}/control/client", json=told, timeout=10).raise_for_status()


@contextmanager
def running(folder: Path) -> Iterator[Provider]:
    """The provider in a process of its own, stopped afterwards."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "GUANXI_", "DATABASE_"))}
    command = [sys.executable, "-m", "tests.signin.provider.program", str(port), str(folder)]
    with (folder / "provider.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            _wait(port, process, folder / "provider.log")
            yield Provider(f"http://localhost:{port}")
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The provider did not start:\n{log.read_text()}")
