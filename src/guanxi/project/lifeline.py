"""A child process that notices the end of its parent, however it ended."""

from __future__ import annotations

import os
import signal
import sys
import threading


def follow_parent() -> None:
    """Stop this process when the pipe at its standard input closes.

    The supervisor holds the other end and never writes; the kernel closes it even when the supervisor is killed.
    """
    threading.Thread(target=_wait, args=(os.dup(sys.stdin.fileno()),), daemon=True, name="lifeline").start()


def _wait(descriptor: int) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
