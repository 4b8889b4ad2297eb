"""What kinds of jobs there are: each is a function that gets a context and the arguments it was started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.labels import Label

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job: a sentence in both languages, numbers by name, and a page of the program to look at."""

    text: Label
    counts: Mapping[str, int] = field(default_factory=dict)
    address: str = ""


Work = Callable[..., Result | None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job."""

    key: str
    run: Work
    attempts: int = ATTEMPTS
    """After so many interrupted attempts it counts as failed."""
    undoes: bool = False
    """Whether a cancelled job takes back what it did; otherwise that stays."""


_kinds: dict[str, JobKind] = {}


def job(key: str, *, attempts: int = ATTEMPTS, undoes: bool = False) -> Callable[[Work], Work]:
    """Declare a function as a kind of job; its module must be imported when the program starts.

    The function is called with a :class:`~guanxi.engine.jobs.context.Context` and the arguments by name.
    """

    def declare(run: Work) -> Work:
        if key in _kinds and _kinds[key].run.__qualname__ != run.__qualname__:
            raise GuanxiError(f"Two kinds of jobs are called {key}.")
        _kinds[key] = JobKind(key, run, attempts, undoes)
        return run

    return declare


def known(key: str) -> JobKind | None:
    """The kind of this key, if the running program has it."""
    return _kinds.get(key)


__all__ = ["ATTEMPTS", "JobKind", "Result", "job", "known"]
