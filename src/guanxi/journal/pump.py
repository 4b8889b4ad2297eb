"""The loop that keeps the journal moving: one cheap query while nothing happens, dispatch and deliveries otherwise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from guanxi.journal import consumers, cursors, delivering, dispatcher, era
from guanxi.kernel import db

IDLE_SECONDS = 0.5
"""Pause between two looks at a journal in which nothing happens."""
TROUBLE_SECONDS = 5.0
"""Pause after a failure: the database may be away for a moment."""
HANDS = 4
"""Deliveries handed over at the same time."""

log = logging.getLogger("guanxi.journal")


class Pump:
    """Dispatches in the thread that runs it, and hands deliveries over in threads of its own.

    ``refresh`` is called before work begins, so that what is kept in memory (objects, permissions) is that of the database.
    """

    def __init__(self, refresh: Callable[[], object] = lambda: None, hands: int = HANDS) -> None:
        self._refresh = refresh
        self._hands = hands
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="delivery")
        self._busy: set[Future[int]] = set()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Run in a thread of its own."""
        threading.Thread(target=self.run, daemon=True, name="journal").start()

    def stop(self) -> None:
        """End; what is being handed over is finished, what was only claimed is given back."""
        self._stopping.set()
        self._pool.shutdown(wait=True)

    def run(self) -> None:
        """Go on until told to stop. No failure ends it."""
        begun, pause = False, 0.0
        while not self._stopping.wait(pause):
            try:
                if not begun:
                    self._begin()
                    begun = True
                pause = 0.0 if self.turn() else IDLE_SECONDS
            except Exception:
                log.exception("The journal cannot be followed at the moment")
                db.close_all()
                pause = TROUBLE_SECONDS

    def _begin(self) -> None:
        """A database that was restored from a backup is told by its transactions, and gets an era of its own."""
        if era.is_over():
            log.warning("The database was restored from a backup: era %s of the journal begins", era.begin())
        cursors.start(consumers.names())

    def turn(self) -> bool:
        """Look once, and do what there is to do; whether to look again at once."""
        names, due = cursors.waiting()
        if not names and not due:
            return False
        self._refresh()
        handled = dispatcher.run_once(names) if names else 0
        if due or handled:
            self._deliver()
        return handled > 0

    def _deliver(self) -> None:
        """One more pair of hands, unless all are busy: what one cannot do in time, the next turn gives to another."""
        self._busy = {future for future in self._busy if not future.done()}
        if len(self._busy) < self._hands and not self._stopping.is_set():
            self._busy.add(self._pool.submit(self._work_off))

    def _work_off(self) -> int:
        try:
            return delivering.work_off(self._stopping.is_set)
        except Exception:
            log.exception("Deliveries cannot be handed over at the moment")
            db.close_all()
            return 0
