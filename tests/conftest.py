"""What every test can ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from guanxi.access import compiled
from guanxi.engine.search import inverted, scan
from guanxi.schema import registry

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def guanxi_data() -> Path:
    """The folder with the real data sets, which stay outside the repository (``GUANXI_DATA``)."""
    path = (ROOT / os.environ.get("GUANXI_DATA", "../shared/data")).resolve()
    if not path.is_dir():
        reason = f"there is no data at {path}; set GUANXI_DATA to its folder"
        if os.environ.get("GUANXI_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Tests read English, whatever the installation speaks; requests still follow the person who makes them."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _nothing_cached() -> None:
    """Tests roll back, and with them the version numbers: what is compiled in memory must not outlive a test."""
    registry.forget()
    compiled.forget()
    inverted.forget()
    scan.forget()
