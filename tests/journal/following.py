"""Consumers for tests, and what several tests of the journal share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta

from guanxi.engine import write
from guanxi.journal import consumers, cursors
from guanxi.journal.models import Delivery, Entry
from guanxi.kernel import clock
from tests.support import people


class Collecting:
    """A stream consumer that remembers what was committed to it, in the order given."""

    def __init__(self, name: str = "collecting", refuse: Callable[[Entry], bool] = lambda entry: False) -> None:
        self.name = name
        self.refuse = refuse
        self.offered: list[list[int]] = []
        self.seen: list[Entry] = []

    def take(self, entries: Sequence[Entry]) -> None:
        self.offered.append([entry.pk for entry in entries])
        for entry in entries:
            if self.refuse(entry):
                raise ValueError(f"poison {entry.pk}")
        self.seen += entries


class Sending:
    """A delivery consumer whose targets and answers the test decides."""

    def __init__(self, name: str = "sending", targets: Sequence[str] = ("1",)) -> None:
        self.name = name
        self.to = targets
        self.handed: list[tuple[str, str]] = []
        self.fail: Callable[[Delivery], Exception | None] = lambda delivery: None

    def targets(self, entries: Sequence[Entry]) -> Mapping[int, Sequence[str]]:
        return {entry.pk: self.to for entry in entries if entry.object == "department"}

    def deliver(self, delivery: Delivery, entry: Entry) -> None:
        self.handed.append((delivery.target, delivery.event))
        if (error := self.fail(delivery)) is not None:
            raise error


@contextmanager
def following(*followers: Collecting | Sending) -> Iterator[None]:
    """Register consumers, starting at the present, and forget them afterwards."""
    for follower in followers:
        consumers.register(follower)
    cursors.start(follower.name for follower in followers)
    try:
        yield
    finally:
        for follower in followers:
            consumers.unregister(follower.name)


def department(name: str = "D") -> int:
    """A new record, and its id."""
    with write.change(people.program(), "test") as door:
        return int(door.create("department", {"name": name}).pk)


def departments(number: int) -> list[int]:
    """New records in one change set."""
    with write.change(people.program(), "test") as door:
        return [record.pk for record in door.create_many("department", [{"name": f"D{i}"} for i in range(number)])]


def rename(record: int, name: str) -> None:
    """One more entry of a record."""
    with write.change(people.program(), "test") as door:
        door.update("department", record, {"name": name})


@contextmanager
def later(**by: float) -> Iterator[None]:
    """Run the block at a later time."""
    with clock.frozen(clock.now() + timedelta(**by)):
        yield
