"""A child process that goes on from where this one is: what is loaded here is shared with it instead of loaded again."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

LOOK_SECONDS = 0.02
_lifelines: set[int] = set()
"""The ends of the children's lifelines that this process holds. A child must not hold its siblings': they would not notice
the end of their parent while it lives."""


class Forked:
    """One child that runs a function and ends with the status it returns.

    It has a session of its own, so that Ctrl-C reaches the parent alone and its whole family can be signalled at once, and
    at its standard input a pipe that closes when the parent ends (:mod:`guanxi.project.lifeline`).
    """

    def __init__(self, run: Callable[[], int]) -> None:
        """Start it. There may be no other thread, and no connection to a database, in this process."""
        sys.stdout.flush()
        sys.stderr.flush()
        theirs, self._lifeline = os.pipe()
        _lifelines.add(self._lifeline)
        self.pid = os.fork()
        if self.pid == 0:
            _live(run, theirs)
        os.close(theirs)
        self._status: int | None = None

    def poll(self) -> int | None:
        """The exit status once the process has ended; negative for the signal that ended it."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
                _lifelines.discard(self._lifeline)
                os.close(self._lifeline)
        return self._status

    def signal_family(self, number: int) -> None:
        """Send a signal to the process and all that it started in its session, even after its own end."""
        for send in (os.killpg, *((os.kill,) if self._status is None else ())):
            with suppress(ProcessLookupError, PermissionError):
                send(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, seconds: float) -> bool:
        """Wait for the end for so long; whether it came."""
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOOK_SECONDS)
        return True


def _live(run: Callable[[], int], lifeline: int) -> None:
    """What the child does; it never comes back from here."""
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for one in _lifelines:
            os.close(one)
        _lifelines.clear()
        os.dup2(lifeline, 0)
        os.close(lifeline)
        status = run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
