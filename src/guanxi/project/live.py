"""Live updates: Server-Sent Events over ASGI, in a process of their own.

``GET /live/`` is the stream of the signed-in person, ``GET /live/health`` answers "ok". However many people are
connected, the database is asked once every two seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")

import django

django.setup()

from guanxi.project.live_access import origin_allowed, person_of, unread_counts  # noqa: E402

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

POLL_SECONDS = 2.0
HEARTBEAT_SECONDS = 25.0
"""Below the shortest idle time-out of the usual proxies; each beat also checks that the session still holds."""


class Hub:
    """Everyone who is connected, and the one loop that asks the database on behalf of them all."""

    def __init__(self) -> None:
        self._streams: dict[int, set[asyncio.Queue[int]]] = {}
        self._loop: asyncio.Task[None] | None = None

    def join(self, person: int) -> asyncio.Queue[int]:
        """A queue that receives the number of unread notifications whenever the loop has counted them."""
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        self._streams.setdefault(person, set()).add(queue)
        if self._loop is None or self._loop.done():
            self._loop = asyncio.create_task(self._poll())
        return queue

    def leave(self, person: int, queue: asyncio.Queue[int]) -> None:
        """End the subscription."""
        queues = self._streams.get(person, set())
        queues.discard(queue)
        if not queues:
            self._streams.pop(person, None)

    async def _poll(self) -> None:
        while self._streams:
            counts = await sync_to_async(unread_counts)(tuple(self._streams))
            for person, queues in tuple(self._streams.items()):
                for queue in tuple(queues):
                    # A slow reader keeps only the newest count.
                    with suppress(asyncio.QueueEmpty):
                        queue.get_nowait()
                    queue.put_nowait(counts.get(person, 0))
            await asyncio.sleep(POLL_SECONDS)


HUB = Hub()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        await _http(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] == "/live/health":
        await _answer(send, 200, "ok")
    elif scope["path"] != "/live/":
        await _answer(send, 404, "not found")
    elif scope["method"] != "GET":
        await _answer(send, 405, "only GET")
    elif not origin_allowed(headers):
        await _answer(send, 403, "this origin may not listen")
    elif (person := await sync_to_async(person_of)(headers.get("cookie", ""))) is None:
        await _answer(send, 401, "sign in first", _cors(headers))
    else:
        await _stream(person, headers, receive, send)


async def _stream(person: int, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
    stream_headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": [*stream_headers, *_cors(headers)]})
    queue = HUB.join(person)
    gone = asyncio.create_task(_disconnect(receive))
    try:
        await _events(person, headers.get("cookie", ""), queue, gone, send)
    finally:
        gone.cancel()
        HUB.leave(person, queue)


async def _events(person: int, cookie: str, queue: asyncio.Queue[int], gone: asyncio.Task[None], send: Send) -> None:
    last = -1
    beat = time.monotonic()
    while not gone.done():
        waiting = asyncio.ensure_future(queue.get())
        await asyncio.wait({waiting, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done() and waiting.result() != last:
            last = waiting.result()
            await _chunk(send, f"event: notifications\ndata: {json.dumps({'unread': last})}\n\n")
        waiting.cancel()
        if time.monotonic() - beat >= HEARTBEAT_SECONDS:
            if await sync_to_async(person_of)(cookie) != person:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            beat = time.monotonic()
            await _chunk(send, ": still here\n\n")


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _chunk(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _cors(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    origin = headers.get("origin")
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]


async def _answer(send: Send, status: int, text: str, extra: Iterable[tuple[bytes, bytes]] = ()) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
