"""Results of the benchmark are kept, and compared with those before."""

from __future__ import annotations

from pathlib import Path

import pytest

from guanxi.project.bench.results import Book

pytestmark = pytest.mark.once


def test_a_result_is_compared_with_the_one_before(tmp_path: Path) -> None:
    line = {"name": "list", "median": 10.0}
    book = Book(tmp_path)
    assert book.last("pages", "SQLite", 1000, line) is None
    book.add("pages", "SQLite", 1000, [line], ["list 10.0"], "SQLite 3")
    again = Book(tmp_path)
    assert again.last("pages", "SQLite", 1000, {"name": "list", "median": 5.0}) == 0.5
    assert again.last("pages", "SQLite", 2000, line) is None
    assert again.last("pages", "SQLite", 1000, {"name": "board", "median": 5.0}) is None
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert "## pages, SQLite, 1,000 rows" in text and "list 10.0" in text and "Python 3" in text


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Book(None).add("pages", "SQLite", 1000, [], [], "SQLite 3")
    assert list(tmp_path.iterdir()) == []
