"""Shares the connections of few, busy clients between the web processes.

All web processes wait at one socket, and whichever looks first takes the connection that came. Four programs that connect at
once and keep their connections may so all be answered by one process while another has nothing to do. A process in which
requests wait for each other therefore ends a connection while another process is idle, as HTTP provides for
(``Connection: close``): the client connects anew, until it is taken by one that has time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from multiprocessing import Array
from threading import Lock
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Board:
    """How many requests each web process is answering just now, in memory that they share.

    Made by the parent of the web processes before they are forked.
    """

    def __init__(self, processes: int) -> None:
        self._pids: Any = Array("q", processes)
        self._running = Array("q", processes, lock=False)

    def join(self) -> int | None:
        """The place of this process, which is free or that of one that has ended; none where all are taken."""
        with self._pids.get_lock():
            for place, pid in enumerate(self._pids):
                if pid == 0 or not _alive(pid):
                    self._pids[place] = os.getpid()
                    self._running[place] = 0
                    return place
        return None

    def put(self, place: int, running: int) -> None:
        """Tell the others how many requests the process at a place is answering."""
        self._running[place] = running

    def someone_idle(self) -> bool:
        """Whether there is a process that answers none."""
        return 0 in self._running


class Balanced:
    """A WSGI application that ends a connection while its process answers several requests and another answers none."""

    def __init__(self, application: Application, board: Board) -> None:
        self._application, self._board = application, board
        self._place = board.join()
        self._lock = Lock()
        self._answering = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        moved = self._count(1) > 1 and self._board.someone_idle()
        try:
            # Later versions of HTTP put all requests of a client on one connection and know no such header.
            if not moved or environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
                return self._application(environ, start_response)

            def closing(status: str, headers: list[tuple[str, str]], failure: Any = None) -> Any:
                return start_response(status, [*headers, ("Connection", "close")], failure)

            return self._application(environ, closing)
        finally:
            self._count(-1)

    def _count(self, change: int) -> int:
        with self._lock:
            self._answering += change
            if self._place is not None:
                self._board.put(self._place, self._answering)
            return self._answering


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


board: Board | None = None
"""That of the web processes; none in a process that another server started."""


def balanced(application: Application) -> Application:
    """The application as a web process serves it."""
    return Balanced(application, board) if board else application
