"""The index begins with the test."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.journal import consumers, cursors


@pytest.fixture(autouse=True)
def _index(db: Any) -> None:
    """Every consumer begins here, as it does where a company is made."""
    cursors.start(consumers.names())
