"""The program as a person starts it: its own data directory, the demo company, a server on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from guanxi.project.bench.serving import free_port

GUANXI = Path(sys.executable).parent / "guanxi"
START_SECONDS = 90
LOAD = "import sys; from guanxi.project.django_start import start; start(); from guanxi.project.demo.load import load_demo; load_demo(scale=float(sys.argv[1]), progress=lambda line: None)"  # noqa: E501


@contextmanager
def running(data_dir: Path, scale: float) -> Iterator[str]:
    """The address of a running program with a demo company of the given size; it is stopped afterwards."""
    port = free_port()
    (data_dir / "guanxi.toml").touch()
    env = {key: value for key, value in os.environ.items() if not key.startswith("GUANXI_")} | {
        "GUANXI_DATA_DIR": str(data_dir),
        "GUANXI_CONFIG": str(data_dir / "guanxi.toml"),
        "GUANXI_PORT": str(port),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
    }
    subprocess.run([GUANXI, "prepare"], env=env, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", LOAD, str(scale)], env=env, check=True)
    log = (data_dir / "server.log").open("w")
    server = subprocess.Popen([GUANXI, "serve", "--no-check"], env=env, stdout=log, stderr=log)
    try:
        address = f"http://localhost:{port}"
        _wait(address, server, data_dir / "server.log")
        yield address
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
        log.close()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urlopen(f"{address}/signin", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The program did not start:\n{log.read_text()}")
