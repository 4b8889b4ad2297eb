"""The running program and a browser in front of it. One of each for all browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.program import running

SCALE = 0.15
PASSWORD = "guanxi-demo"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser to drive."""
    return os.environ.get("GUANXI_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("GUANXI_REQUIRE_SERVICES") == "1":
            pytest.fail("there is no Chromium; set GUANXI_CHROMIUM to it")
        pytest.skip("there is no Chromium; set GUANXI_CHROMIUM to it")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A program started for the tests; or the one at ``GUANXI_TEST_ADDRESS``, such as what ``make run`` serves."""
    if "GUANXI_TEST_ADDRESS" in os.environ:
        yield os.environ["GUANXI_TEST_ADDRESS"]
        return
    data_dir: Path = tmp_path_factory.mktemp("guanxi")
    with running(data_dir, SCALE) as found:
        yield found


class Visit:
    """One person at one browser, and everything that went wrong there."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        options.setdefault("viewport", {"width": 1440, "height": 900})
        options.setdefault("locale", "en-US")
        self.address = address
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda line: self._hear(line.type, line.text))

    def _hear(self, level: str, text: str) -> None:
        # The browser reports every refused form as a failed load; the answer itself is what the tests look at.
        if level == "error" and "status of 422" not in text:
            self.problems.append(text)

    def sign_in(self, username: str = "manager") -> Page:
        """Sign in by hand and arrive at the home page."""
        self.page.goto("/signin")
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(f"{self.address}/")
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    found = Visit(browser, address)
    yield found
    found.context.close()
    assert found.problems == []
