"""What a long file has named so far, kept on disk so that memory stays flat."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

_CHUNK = 500


class Notebook:
    """A set of texts of any size. It lives in a temporary file that SQLite removes by itself, and knows no record."""

    def __init__(self) -> None:
        # An empty name is a file of its own that goes when it is closed; it is no connection to the program's data.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA journal_mode=OFF")
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("CREATE TABLE noted (text TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, texts: Iterable[str]) -> None:
        """Note texts."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO noted VALUES (?)", ((_storable(text),) for text in texts))
        self._file.execute("COMMIT")

    def known(self, texts: Sequence[str]) -> set[str]:
        """Which of the texts were noted before."""
        found: set[str] = set()
        for start in range(0, len(texts), _CHUNK):
            part = {_storable(text): text for text in texts[start : start + _CHUNK]}
            marks = ",".join("?" * len(part))
            rows = self._file.execute(f"SELECT text FROM noted WHERE text IN ({marks})", list(part))  # noqa: S608  marks alone
            found.update(part[text] for (text,) in rows)
        return found

    def close(self) -> None:
        """Forget everything."""
        self._file.close()


def _storable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
