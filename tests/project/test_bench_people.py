"""The benchmark's people ask as they are told to, and what is no answer is named."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from guanxi.project.bench.people import at_work, mixed
from guanxi.project.bench.serving import memory_of


class Handler(BaseHTTPRequestHandler):
    """Answers, refuses ``/no``, and remembers who asked."""

    protocol_version = "HTTP/1.1"
    asked: Counter[tuple[str, str]] = Counter()

    def do_GET(self) -> None:
        Handler.asked[self.path, self.headers["Cookie"]] += 1
        self.send_response(404 if self.path == "/no" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Handler.asked = Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_each_person_asks_over_a_connection_of_their_own(port: int) -> None:
    found = at_work(port, [{"Cookie": "a"}, {"Cookie": "b"}], lambda dice: ("GET", "/yes", None), 0.4)
    assert not found.failed and set(Handler.asked) == {("/yes", "a"), ("/yes", "b")}
    assert len(found.times) == sum(Handler.asked.values()) > 10
    assert found.rate == len(found.times) / found.seconds and 0.4 <= found.seconds < 5


def test_refusals_and_broken_addresses_are_told(port: int) -> None:
    refused = at_work(port, [{"Cookie": "a"}], lambda dice: ("GET", "/no", None), 0.1)
    assert len(refused.failed) == len(refused.times) and refused.failed[0] == "GET /no: 404"
    broken = at_work(port, [{"Cookie": "a"}], lambda dice: ("GET", "/关系 no", None), 0.1)
    assert broken.failed and not broken.times


def test_requests_are_mixed_by_their_shares() -> None:
    choose = mixed([(70, lambda dice: ("GET", "/a", None)), (30, lambda dice: ("GET", "/b", None))])
    dice = random.Random(1)
    shares = Counter(choose(dice)[1] for _one in range(2000))
    assert 0.65 < shares["/a"] / 2000 < 0.75 and sum(shares.values()) == 2000


def test_memory_is_that_of_a_process_and_all_that_come_from_it() -> None:
    alone = memory_of(os.getpid())
    held = "held = bytearray(60_000_000); print('ready', flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        assert alone + 50 < memory_of(os.getpid()) < alone + 120
    finally:
        child.kill()
        child.wait()
