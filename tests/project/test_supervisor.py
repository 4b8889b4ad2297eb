"""The supervisor: serves, starts again what dies, stops everything and leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
PARENT = """
    import runpy, sys
    from guanxi.project.config import load
    from guanxi.project.supervisor import Child, Supervisor

    sys.exit(Supervisor(load(), [Child("web", lambda: int(runpy.run_path(sys.argv[1]) is None))]).run())
"""
CHILD = """
    import http.server, os, subprocess, sys
    from guanxi.project.lifeline import follow_parent

    follow_parent()
    # A worker of its own, as the real server has; it would outlive a killed parent.
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[2]])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(str(os.getpid()).encode())
        def log_message(self, *args):
            pass

    class Server(http.server.HTTPServer):
        allow_reuse_address = True

    Server(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""


def free_ports() -> int:
    """A port that is free, as is the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def get(port: int, path: str = "/signin") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()


def wait_for(what: str, ask: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ask():
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.1)
    pytest.fail(f"waited {seconds} seconds in vain: {what}")


def relatives(port: int) -> set[int]:
    """The processes that carry the port in their command line or environment."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state != "Z" and str(port).encode() in words:
                found.add(int(folder.name))
    return found


def answers(port: int, path: str = "/signin") -> bool:
    return get(port, path)[0] < 500


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A port that the configuration of started programs names; whatever still uses it at the end is killed."""
    number = free_ports()
    for name in ("GUANXI_CONFIG", "GUANXI_ALLOWED_HOSTS", "DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUANXI_PORT", str(number))
    monkeypatch.setenv("GUANXI_DATA_DIR", str(tmp_path / "data"))
    yield number
    for process in relatives(number):
        os.kill(process, signal.SIGKILL)


@pytest.fixture
def supervisor(port: int, tmp_path: Path) -> subprocess.Popen[str]:
    """A supervisor with one simple child."""
    (tmp_path / "parent.py").write_text(textwrap.dedent(PARENT))
    (tmp_path / "child.py").write_text(textwrap.dedent(CHILD))
    return start(sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "child.py"), str(port))


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_clean_stop(supervisor: subprocess.Popen[str], port: int, number: signal.Signals) -> None:
    assert supervisor.stdout is not None
    assert supervisor.stdout.readline().strip() == f"Guanxi is ready at http://localhost:{port}"
    assert len(relatives(port)) == 3
    supervisor.send_signal(number)
    out, err = supervisor.communicate(timeout=10)
    assert (supervisor.returncode, out, err) == (0, "Guanxi has stopped.\n", "")
    assert not relatives(port)


def test_a_dead_child_is_started_again(supervisor: subprocess.Popen[str], port: int) -> None:
    wait_for("the child answers", lambda: answers(port))
    first = int(get(port)[1])
    os.kill(first, signal.SIGKILL)
    wait_for("another child answers", lambda: int(get(port)[1]) != first)
    assert len(relatives(port)) == 3, "the worker of the killed child is gone too"
    supervisor.terminate()
    out, _ = supervisor.communicate(timeout=10)
    assert "web ended with status -9; starting it again in 1 s." in out


def test_the_children_of_a_killed_supervisor_end(supervisor: subprocess.Popen[str], port: int) -> None:
    wait_for("the child answers", lambda: answers(port))
    child = int(get(port)[1])
    supervisor.kill()
    supervisor.wait()
    wait_for("the child has ended", lambda: child not in relatives(port), 10)


def test_a_port_in_use_is_one_sentence(port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        command = [sys.executable, "-m", "guanxi.project.cli", "serve", "--no-check"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 2
    assert result.stderr == f"Port {port} cannot be used (address already in use); set GUANXI_PORT to another one.\n"


def test_the_whole_program_serves_and_stops(port: int) -> None:
    command = (sys.executable, "-m", "guanxi.project.cli")
    prepared = subprocess.run([*command, "prepare"], capture_output=True, text=True, timeout=120, check=False)
    assert prepared.returncode == 0, prepared.stderr
    program = start(*command, "serve")
    wait_for("the pages answer", lambda: answers(port))
    assert get(port)[0] == 200
    wait_for("the live updates answer", lambda: get(port + 1, "/live/health") == (200, "ok"))
    assert get(port + 1, "/live/")[0] == 401
    program.terminate()
    out, err = program.communicate(timeout=15)
    assert program.returncode == 0
    assert "Guanxi has stopped." in out
    assert "Traceback" not in err
    assert not relatives(port)
