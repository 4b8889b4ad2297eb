"""People at work: connections that ask the running program, each on its own, and how long every answer took."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

Request = tuple[str, str, bytes | None]
"""Method, path and body."""
Choose = Callable[[random.Random], Request]


@dataclass
class Answers:
    """How long the answers took, in milliseconds, and those that were none."""

    times: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds if self.seconds else 0.0


class Person(Thread):
    """One connection that is kept open, one request after the other."""

    def __init__(
        self, port: int, headers: dict[str, str], choose: Choose, *, until: float, pause: float, seed: int
    ) -> None:
        super().__init__(daemon=True)
        self.answers = Answers()
        self._port, self._headers, self._choose = port, headers, choose
        self._until, self._pause, self._dice = until, pause, random.Random(seed)  # noqa: S311

    def run(self) -> None:
        """Ask until the time is over, with pauses between half and one and a half times ``pause`` seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        # Not all at once: people do not begin to work in the same moment.
        time.sleep(self._pause * self._dice.random())
        while time.monotonic() < self._until:
            method, path, body = self._choose(self._dice)
            started = time.perf_counter()
            try:
                connection.request(method, path, body, self._headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.answers.failed.append(f"{method} {path}: {error}")
                connection.close()
                continue
            self.answers.times.append((time.perf_counter() - started) * 1000)
            if answer.status >= 400:
                self.answers.failed.append(f"{method} {path}: {answer.status}")
            if self._pause:
                time.sleep(self._pause * (0.5 + self._dice.random()))
        connection.close()


def at_work(
    port: int, callers: Sequence[dict[str, str]], choose: Choose, seconds: float, pause: float = 0.0
) -> Answers:
    """What the callers, each with the headers of a person, are answered within some seconds."""
    begun = time.monotonic()
    until = begun + seconds
    people = [
        Person(port, headers, choose, until=until, pause=pause, seed=seed) for seed, headers in enumerate(callers)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    found = Answers(seconds=time.monotonic() - begun)
    for person in people:
        found.times += person.answers.times
        found.failed += person.answers.failed
    return found


def mixed(shares: Sequence[tuple[int, Callable[[random.Random], Request]]]) -> Choose:
    """Chooses among kinds of requests by their shares in percent."""
    kinds: list[Any] = [kind for share, kind in shares for _one in range(share)]
    return lambda dice: dice.choice(kinds)(dice)
