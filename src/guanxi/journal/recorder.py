"""Writing the journal, inside the transaction of the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import bulk, db
from guanxi.kernel.errors import GuanxiError

Changes = Mapping[str, list[Any]]


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
    _xact: int | None = field(default=None, init=False)

    def record(self, object_key: str, verb: str, changes: Iterable[tuple[int, Changes, datetime | None]]) -> None:
        """Write one entry per ``(record id, changes, moment)``; must run inside the transaction that makes the changes.

        The moment is that of the change set unless a record is backdated.
        """
        if not db.in_transaction():
            raise GuanxiError("The journal is written only inside the transaction of the change.")
        rows = [
            Entry(
                xact=self._transaction(),
                at=at or self.at,
                actor=self.actor,
                object=object_key,
                record=record,
                verb=verb,
                changes=dict(change),
                cause=self.cause,
                request=self.request,
                change_set_id=self._opened().pk,
            )
            for record, change, at in changes
        ]
        bulk.insert(rows)

    def _transaction(self) -> int:
        if self._xact is None:
            self._xact = db.transaction_id()
        return self._xact

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
