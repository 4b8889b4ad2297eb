"""A page in a real browser: how long until its content is drawn, and how much came over the wire."""

from __future__ import annotations

import shutil
import statistics
import sys
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CONTENT = "tbody tr, .card"
_DRAWN = """selector => new Promise(done => {
    const look = () => {
        const found = document.querySelector(selector);
        if (found && found.getBoundingClientRect().height)
            requestAnimationFrame(() => setTimeout(() => done(performance.now())));
        else requestAnimationFrame(look);
    };
    look();
})"""


def visits(address: str, cookie: str, path: str, runs: int) -> list[tuple[str, float, str]]:
    """First and next visits to a page by the person of a session's cookie: medians as (name, value, unit)."""
    name, _equals, session = cookie.partition("=")
    browser_path = next((place for one in NAMES if (place := shutil.which(one))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        browser_path = None
    if browser_path is None:
        print("  no Chromium or no playwright: pages in a browser are not measured", file=sys.stderr)
        return []
    first: list[tuple[float, float]] = []
    later: list[tuple[float, float]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for _run in range(runs):
            # A context of its own has an empty cache.
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": name, "value": session, "url": address}])
            page = context.new_page()
            first.append(_visit(context, page, address + path))
            later += [_visit(context, page, address + path) for _again in range(3)]
            context.close()
        browser.close()
    found: list[tuple[str, float, str]] = []
    for which, seen in (("first visit", first), ("next visit", later)):
        found.append((f"list in Chromium, {which}, content drawn", statistics.median(ms for ms, _size in seen), "ms"))
        found.append((f"list in Chromium, {which}, transferred", statistics.median(kb for _ms, kb in seen), "KB"))
    return found


def _visit(context: Any, page: Any, url: str) -> tuple[float, float]:
    """Milliseconds from the request until a frame with content, and kilobytes received until the page was quiet."""
    sizes: list[float] = []
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url, wait_until="commit")
    drawn = float(page.evaluate(_DRAWN, CONTENT))
    page.wait_for_load_state("networkidle")
    protocol.detach()
    return drawn, sum(sizes) / 1024
