"""A company under load while its processes are killed: the processes, the writers, and what each write was answered."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


class Process:
    """One of the program's processes, in a group of its own, so that a kill takes all of it at once."""

    def __init__(self, name: str, environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._environment = dict(environment)
        self._log = (folder / f"{name}.log").open("a")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "guanxi.project.cli", self.name]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, start_new_session=True, stdout=self._log, stderr=self._log
        )

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        self._log.close()


@dataclass
class Write:
    """One write: what it does, a word that only it writes, and whether it was acknowledged."""

    verb: str
    object: str
    word: str
    records: tuple[int, ...] = ()
    acknowledged: bool = False


@dataclass
class Load:
    """Writers over HTTP. Every write carries a word of its own, so that what became of it can be told afterwards."""

    address: str
    key: str
    username: str
    account: int
    pipeline: int
    stages: list[int]
    writes: list[Write] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    words: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seed: int) -> None:
        """One writer: begins with records of its own, then changes them in every way until told to stop."""
        dice = random.Random(seed)
        session = requests.Session()
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {self.key}"
        mine: dict[str, list[int]] = {"competitor": [], "opportunity": []}
        while not self.over.is_set():
            way = dice.choice(
                (self._create, self._create, self._update, self._update, self._move, self._move, self._delete)
            )
            way(session, dice, mine)

    def run_bulk(self, records: list[int]) -> None:
        """One more writer: mass updates, as a person does them on the list page."""
        session = requests.Session()
        session.trust_env = False
        signed_in = False
        while not self.over.is_set():
            try:
                if not signed_in:
                    self._sign_in(session)
                    signed_in = True
                self._bulk(session, records)
            except (requests.RequestException, KeyError):
                time.sleep(0.1)

    def _sign_in(self, session: requests.Session) -> None:
        session.get(f"{self.address}/signin", timeout=10)
        form = {
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
            "username": self.username,
            "password": self.username,
        }
        session.post(f"{self.address}/signin", data=form, timeout=10, allow_redirects=False)
        session.cookies["guanxi_session"]  # KeyError: not signed in yet

    def _bulk(self, session: requests.Session, records: list[int]) -> None:
        write = self._begin("bulk", "competitor", tuple(records))
        form = {"id": records, "what": "edit", "field": "weaknesses", "weaknesses": write.word}
        headers = {"X-CSRFToken": str(session.cookies["csrftoken"]), "HX-Request": "true"}
        answer = session.post(f"{self.address}/o/competitor/bulk", data=form, headers=headers, timeout=20)
        self._answered(write, answer)

    def _begin(self, verb: str, key: str, records: tuple[int, ...] = ()) -> Write:
        write = Write(verb, key, f"w{next(self.words):06d}x", records)
        with self.lock:
            self.writes.append(write)
        return write

    def _answered(self, write: Write, answer: requests.Response) -> None:
        if answer.status_code < 300:
            write.acknowledged = True
        elif answer.status_code < 500:
            with self.lock:
                self.refused.append(f"{write.verb} {write.object}: {answer.status_code} {answer.text[:200]}")

    def _send(
        self, session: requests.Session, write: Write, method: str, path: str, body: Any = None
    ) -> dict[str, Any]:
        """Ask; an answer that does not come leaves the write in doubt."""
        try:
            answer = session.request(method, f"{self.address}/api/v1/{path}", json=body, timeout=20)
        except requests.RequestException:
            time.sleep(0.2)
            return {}
        self._answered(write, answer)
        return answer.json() if write.acknowledged and answer.content else {}

    def _create(self, session: requests.Session, dice: random.Random, mine: dict[str, list[int]]) -> None:
        key = dice.choice(("competitor", "opportunity"))
        write = self._begin("create", key)
        body: dict[str, Any] = {"name": write.word}
        if key == "opportunity":
            body |= {"account": self.account, "pipeline": self.pipeline, "stage": self.stages[0]}
            body |= {"amount": "100", "close_on": "2027-01-01"}
        found = self._send(session, write, "POST", key, body)
        if found:
            write.records = (found["id"],)
            mine[key].append(found["id"])

    def _update(self, session: requests.Session, dice: random.Random, mine: dict[str, list[int]]) -> None:
        key = dice.choice(("competitor", "opportunity"))
        if mine[key]:
            record = dice.choice(mine[key])
            write = self._begin("update", key, (record,))
            name = "strengths" if key == "competitor" else "next_step"
            self._send(session, write, "PATCH", f"{key}/{record}", {name: write.word})

    def _move(self, session: requests.Session, dice: random.Random, mine: dict[str, list[int]]) -> None:
        if mine["opportunity"]:
            record = dice.choice(mine["opportunity"])
            write = self._begin("move", "opportunity", (record,))
            body = {"stage": dice.choice(self.stages), "next_step": write.word}
            self._send(session, write, "PATCH", f"opportunity/{record}", body)

    def _delete(self, session: requests.Session, dice: random.Random, mine: dict[str, list[int]]) -> None:
        if len(mine["competitor"]) > 1:
            record = mine["competitor"].pop(dice.randrange(len(mine["competitor"])))
            write = self._begin("delete", "competitor", (record,))
            self._send(session, write, "DELETE", f"competitor/{record}")


def until(what: str, ask: Any, seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if ask():
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} seconds in vain: {what}")
