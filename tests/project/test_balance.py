"""A process in which requests wait for each other sends a connection on to another process."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from guanxi.project.balance import Balanced, Board
from guanxi.project.bench.serving import free_port

SECONDS = 2.0
PROGRAM = """
import os, sys, time
from granian.constants import Interfaces
from granian.server import Server
from guanxi.project import balance

def answer(environ, start_response):
    # As a page does: it computes, and asks the database in between.
    for _question in range(5):
        time.sleep(0.0001)
        until = time.thread_time() + 0.0005
        while time.thread_time() < until:
            pass
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]

application = balance.balanced(answer)

if __name__ == "__main__":
    balance.board = balance.Board(2)
    Server("busy:application", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, workers=2,
           blocking_threads=4, backpressure=128, websockets=False).serve()
"""


def asked(application: Balanced, **environ: Any) -> bool:
    """Whether the connection of a request ends with its answer."""
    found: list[tuple[str, str]] = []
    application({"SERVER_PROTOCOL": "HTTP/1.1"} | environ, lambda status, headers, failure=None: found.extend(headers))
    assert ("Content-Type", "text/plain") in found
    return ("Connection", "close") in found


def inner(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Does what it is asked to and answers."""
    if action := environ.get("action"):
        action()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


def test_a_connection_ends_where_requests_meet_while_another_process_is_idle() -> None:
    board = Board(2)
    application = Balanced(inner, board)
    meeting: list[bool] = []

    def meet(**environ: Any) -> None:
        asked(application, action=lambda: meeting.append(asked(application, **environ)))

    assert not asked(application), "alone"
    meet()
    assert meeting.pop(), "the second process has not begun to do anything"
    meet(SERVER_PROTOCOL="HTTP/2")
    assert not meeting.pop(), "HTTP/2 has no such header"
    board.put(1, 1)
    meet()
    assert not meeting.pop(), "all have something to do"


def test_a_request_that_fails_is_no_longer_counted() -> None:
    board = Board(1)
    application = Balanced(inner, board)
    with pytest.raises(ZeroDivisionError):
        application({"action": lambda: 1 / 0}, None)
    assert board.someone_idle()
    meeting: list[bool] = []
    asked(application, action=lambda: meeting.append(board.someone_idle()))
    assert meeting == [False] and board.someone_idle()


def test_the_place_of_a_process_that_ended_is_given_away() -> None:
    board = Board(2)
    assert board.join() == 0
    child = get_context("fork").Process(target=board.join)
    child.start()
    child.join()
    assert board.join() == 1, "that of the child, which has ended"
    assert board.join() is None
    assert not asked(Balanced(inner, board)), "serves all the same"


def test_clients_that_began_at_one_process_are_shared_between_all(tmp_path: Path) -> None:
    """Four connections, all of one process, become busy: after a while both processes answer."""
    (tmp_path / "busy.py").write_text(PROGRAM)
    port = free_port()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    server = subprocess.Popen([sys.executable, str(tmp_path / "busy.py"), str(port)], env=environment, cwd=tmp_path)
    try:
        first_answer(port)
        clients: dict[str, list[http.client.HTTPConnection]] = {}
        for _client in range(7):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            clients.setdefault(ask(client), []).append(client)
        process, together = max(clients.items(), key=lambda item: len(item[1]))
        for client in chain.from_iterable(clients.values()):
            if client not in together[:4]:
                client.close()
        assert {ask(client) for client in together[:4]} == {process}
        assert len(busy(together[:4], seconds=SECONDS)) == 2
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def ask(client: http.client.HTTPConnection) -> str:
    """Which process answers."""
    client.request("GET", "/")
    return client.getresponse().read().decode()


def first_answer(port: int) -> str:
    """The same once the program has started."""
    deadline = time.monotonic() + 20
    while True:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            return ask(client)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            client.close()


def busy(clients: list[http.client.HTTPConnection], seconds: float) -> Counter[str]:
    """Which processes answered in the last third of the time, and how often."""
    until = time.monotonic() + seconds
    answered: Counter[str] = Counter()

    def work(client: http.client.HTTPConnection) -> None:
        while (now := time.monotonic()) < until:
            process = ask(client)
            if until - now < seconds / 3:
                answered[process] += 1
        client.close()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answered
