"""The two servers: WSGI for pages and API, ASGI for live streams."""

from __future__ import annotations

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

from guanxi.project import balance
from guanxi.project.config import Config

WEB_THREADS = 4
"""Threads of one web process. Python runs one at a time; the others cover for waits on the database and the disk."""

STOP_SECONDS = 3
"""How long a request in progress may take to end after the signal to stop."""


def web(settings: Config) -> int:
    """Serve pages and API until SIGINT or SIGTERM."""
    balance.board = balance.Board(settings.workers) if settings.workers > 1 else None
    Server(
        "guanxi.project.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=WEB_THREADS,
        backpressure=128,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        process_name=None,
    ).serve()
    return 0


def live(settings: Config) -> int:
    """Serve the live streams until SIGINT or SIGTERM. One process is enough for thousands of them."""
    Server(
        "guanxi.project.live:application",
        address=settings.host,
        port=settings.live_port,
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=1,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=1,
        log_level=LogLevels.warning,
    ).serve()
    return 0
