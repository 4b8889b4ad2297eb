"""Runs web, worker and live as child processes: starts them again when they die, and stops them all when told to.

The program is loaded once, here, and the children go on from there: they share most of their memory and start at once.
"""

from __future__ import annotations

import http.client
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType

from guanxi.project.config import Config, ConfigError
from guanxi.project.forked import Forked

TICK_SECONDS = 0.1
STOP_SECONDS = 8.0
"""How long children may take to end before they are killed."""
KILL_SECONDS = 5.0
HEALTHY_SECONDS = 60.0
"""A child that has lived this long starts again without delay."""
LONGEST_PAUSE = 30.0
READY_SECONDS = 60.0
WRONG_CONFIGURATION = 2


class Child:
    """One process with its restarts."""

    def __init__(self, name: str, run: Callable[[], int]) -> None:
        self.name = name
        self._run = run
        self._process: Forked | None = None
        self._started = 0.0
        self._failures = 0
        self._next_start = 0.0

    def start_if_due(self) -> None:
        """Start the process unless it runs or its pause is not over."""
        if self._process is None and time.monotonic() >= self._next_start:
            self._started = time.monotonic()
            self._process = Forked(self._run)

    def ended(self) -> int | None:
        """The exit status if the process has ended since the last call; then also plans the next start."""
        if self._process is None or (status := self._process.poll()) is None:
            return None
        self._clear()
        lived = time.monotonic() - self._started
        self._failures = 0 if lived >= HEALTHY_SECONDS else self._failures + 1
        self._next_start = time.monotonic() + self.pause
        return status

    @property
    def pause(self) -> float:
        """Seconds until the next start: none after a healthy life, then 1, 2, 4 … 30."""
        return min(LONGEST_PAUSE, 2.0 ** (self._failures - 1)) if self._failures else 0.0

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None:
            self._process.terminate()

    def wait_until(self, deadline: float) -> None:
        """Wait for the end; at ``deadline`` (monotonic seconds) kill."""
        if self._process is None:
            return
        self._process.wait(max(0.0, deadline - time.monotonic()))
        self._clear()

    def _clear(self) -> None:
        """Kill what is left of the family: a server that was killed leaves its own workers behind."""
        assert self._process is not None
        self._process.signal_family(signal.SIGKILL)
        self._process.wait(KILL_SECONDS)
        self._process = None


class Supervisor:
    """The parent of one installation's processes."""

    def __init__(self, settings: Config, children: Sequence[Child], load: Callable[[], object] = lambda: None) -> None:
        """``load`` brings into memory what the children share."""
        self._settings = settings
        self._children = children
        self._load = load
        self._stopping = False
        self._announced = False

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit status is 0 after a clean stop."""
        _require_free(self._settings.host, self._settings.port, "GUANXI_PORT")
        _require_free(self._settings.host, self._settings.live_port, "GUANXI_LIVE_PORT")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._load()
        status = 0
        try:
            status = self._watch()
        finally:
            self._stop()
        return status

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _watch(self) -> int:
        begun = time.monotonic()
        while not self._stopping:
            for child in self._children:
                child.start_if_due()
                status = child.ended()
                if status == WRONG_CONFIGURATION:
                    return status
                if status is not None and not self._stopping:
                    _say(f"{child.name} ended with status {status}; starting it again in {child.pause:.0f} s.")
            if not self._announced and time.monotonic() - begun < READY_SECONDS:
                self._announce()
            time.sleep(TICK_SECONDS)
        return 0

    def _announce(self) -> None:
        if not _answers(self._settings.host, self._settings.port):
            return
        self._announced = True
        _say(f"Guanxi is ready at {self._settings.address}")
        sign_ins = self._settings.data_dir / "demo-sign-ins.txt"
        if sign_ins.is_file():
            _say(sign_ins.read_text(encoding="utf-8").rstrip())

    def _stop(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait_until(deadline)
        if self._announced:
            _say("Guanxi has stopped.")


def _say(text: str) -> None:
    print(text, flush=True)


def _require_free(host: str, port: int, setting: str) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise ConfigError(f"GUANXI_HOST is {host!r}, but this machine does not know that name.") from error
    except OSError as error:
        reason = (error.strerror or "refused").lower()
        raise ConfigError(f"Port {port} cannot be used ({reason}); set {setting} to another one.") from error


def _answers(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(reachable, port, timeout=5)
    try:
        connection.request("GET", "/signin", headers={"Host": "localhost"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
