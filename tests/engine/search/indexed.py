"""Searching in tests: the index brought up to date, and every way to the answer tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from guanxi.access.actor import Actor
from guanxi.engine.search import find, finding
from guanxi.engine.search.feed import SearchFeed
from guanxi.engine.search.lately import NAME
from guanxi.journal import cursors, dispatcher
from guanxi.journal.models import Cursor, Entry
from guanxi.kernel import clock, db


def follow_journal() -> None:
    """Let the index take up everything.

    A test that rolls back never settles its entries on PostgreSQL, so they are given here as the dispatcher would give them.
    """
    cursor, _made = Cursor.objects.get_or_create(pk=NAME, defaults={"entry": 0, "moved_at": clock.now()})
    while entries := list(Entry.objects.filter(pk__gt=cursor.entry).order_by("pk")[: dispatcher.BATCH]):
        with db.atomic():
            SearchFeed().take(entries)
            cursors.move(cursor, entries[-1].pk)
        cursor.refresh_from_db()


@contextmanager
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the company were so large that the newest documents show nothing of it: the inverted index must answer."""
    with monkeypatch.context() as patch:
        patch.setattr(finding, "WINDOW", 0)
        yield


def titles(actor: Actor, text: str, limit: int = 50, objects: tuple[str, ...] | None = None) -> list[str]:
    """The titles found, best first."""
    return [choice.title for choice in find(actor, text, limit, objects)]
