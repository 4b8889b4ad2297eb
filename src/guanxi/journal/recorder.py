"""Writing the journal, inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guanxi.journal.horizon import announce
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import bulk, db
from guanxi.kernel.errors import GuanxiError

Changes = Mapping[str, list[Any]]
_ROW = ("era", "xact", "at", "record", "changes", "actor", "object", "verb", "cause", "request", "change_set_id")


@dataclass
class Recorder:
    """Collects the entries of one change set. The set's row is written with its first entry, so no act leaves it empty."""

    at: datetime
    actor: int | None
    cause: str
    note: str = ""
    request: str = ""
    undoes: int | None = None
    change_set: ChangeSet | None = field(default=None, init=False)
    _place: tuple[int, int] | None = field(default=None, init=False)
    _inside: tuple[str | None, ...] = field(default=(), init=False)

    def begin(self) -> None:
        """Write the row of the change set now: for whoever writes inside savepoints, with which it would be rolled back."""
        self._stamp()
        self._opened()

    def resume(self, change_set: int) -> None:
        """Go on with a change set that an earlier transaction began: what is done in batches is undone as one."""
        self.change_set = ChangeSet.objects.get(pk=change_set)

    def record(self, object_key: str, verb: str, changes: Iterable[tuple[int, Changes, datetime | None]]) -> None:
        """Write one entry per ``(record id, changes, moment)``; must run inside the transaction that makes the changes.

        The moment is that of the change set unless a record is backdated.
        """
        if not db.in_transaction():
            raise GuanxiError("The journal is written only inside the transaction of the change.")
        era, xact = self._stamp()
        change_set = self._opened().pk
        same = (self.actor, object_key, verb, self.cause, self.request, change_set)
        bulk.insert_rows(
            Entry, _ROW, [(era, xact, at or self.at, record, change, *same) for record, change, at in changes]
        )

    def _stamp(self) -> tuple[int, int]:
        """The era and the transaction; asked once, and again after a savepoint in which it was asked.

        Nobody knows whether that was rolled back, and with it the announcement and the row of the change set.
        """
        here = db.savepoints()
        if self._place is None or here[: len(self._inside)] != self._inside:
            self._place, self._inside = announce(), here
            if self.change_set is not None and not ChangeSet.objects.filter(pk=self.change_set.pk).exists():
                self.change_set = None
        return self._place

    def _opened(self) -> ChangeSet:
        if self.change_set is None:
            self.change_set = ChangeSet.objects.create(
                at=self.at,
                actor=self.actor,
                cause=self.cause,
                note=self.note[:255],
                request=self.request,
                undoes_id=self.undoes,
            )
        return self.change_set
