"""Screenshots of the main pages into build/shots: both languages, both themes, desktop and phone.

Starts Guanxi on a free port with the demo company in build/shots/data, which is kept so that the next time is quick.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

import browser
from steps import ROOT, VENV, say, stop

FOLDER = ROOT / "build" / "shots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
PAGES = {
    "home": "/",
    "list": "/o/opportunity",
    "board": "/o/opportunity?layout=board",
    "summary": "/o/opportunity?layout=summary&by=stage&sum=amount",
    "summary-across": "/o/opportunity?layout=summary&by=owner&by=status&sum=amount",
    "briefing": "/briefing",
    "calendar": "/o/task?layout=calendar",
    "record": "first record of /o/opportunity",
    "form": "/o/opportunity/new",
    "activity": "/activity",
    "jobs": "/jobs",
    "notices": "/notifications/all",
    "notice-choices": "/preferences#notices",
    "search": "/search?q=technology",
    "imports": "/imports",
    "import-upload": "/o/contact/import",
    "duplicates": "/duplicates",
    "taken": "/taken?q=technology",
    "api-docs": "/api/docs",
    "api-docs-account": "/api/docs/account",
}
ADMINISTRATION = {
    "admin": "/admin",
    "people": "/admin/people",
    "person": "/admin/people/3",
    "invite": "/admin/invite",
    "departments": "/admin/departments",
    "role": "/admin/roles/2",
    "security-policy": "/admin/security",
    "audit-log": "/o/audit_event",
    "company-activity": "/activity?who=all",
    "deliveries": "/admin/journal",
    "retention": "/admin/retention",
    "search-index": "/admin/search",
    "indexes": "/admin/indexes",
    "kept-sums": "/admin/sums",
}
WHO = (("manager", PAGES), ("admin", ADMINISTRATION))


def main() -> None:
    """Make every picture, or those named as arguments; the old ones are overwritten."""
    named = set(sys.argv[1:])
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _serving() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.require(), args=["--no-sandbox"])
        for language, theme, size in itertools.product(("zh-hans", "en"), ("light", "dark"), SIZES):
            for person, pages in WHO:
                wanted = {name: path for name, path in pages.items() if not named or name in named}
                if wanted:
                    _variant(chromium, address, person, wanted, language, theme, size)
            say("Screenshots", f"{size}, {language}, {theme}")
        chromium.close()
    say("Screenshots", f"in {FOLDER.relative_to(ROOT)}")


@contextmanager
def _serving() -> Iterator[str]:
    port = _free_port()
    env = os.environ | {
        "GUANXI_DATA_DIR": str(FOLDER / "data"),
        "GUANXI_PORT": str(port),
        "DATABASE_URL": "",
    }
    subprocess.run([VENV / "bin" / "guanxi", "prepare", "--demo"], env=env, check=True)
    program = subprocess.Popen([VENV / "bin" / "guanxi", "serve", "--no-check"], env=env, stdout=subprocess.DEVNULL)
    try:
        address = f"http://localhost:{port}"
        _wait_for(f"{address}/signin")
        yield address
    finally:
        program.terminate()
        program.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            stop(f"{address} answers with status {error.code}.")
        except OSError:
            time.sleep(0.1)
    stop(f"{address} did not answer within 30 seconds.")


def _variant(
    chromium: Browser, address: str, person: str, pages: dict[str, str], language: str, theme: str, size: str
) -> None:
    """The pages of one person in one language, theme and size."""
    width, height = SIZES[size]
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/signin")
    page.screenshot(path=FOLDER / f"signin-{size}-{language}-{theme}.png")
    page.fill("[name=username]", person)
    page.fill("[name=password]", "guanxi-demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    _choose(page, language=language, theme=theme)
    for name, path in pages.items():
        page.goto(_first_record(page) if path.startswith("first") else path)
        page.wait_for_timeout(700)  # the live stream stays open, so the network is never idle
        page.screenshot(path=FOLDER / f"{name}-{size}-{language}-{theme}.png")
    context.close()


def _choose(page: Page, **chosen: str) -> None:
    """Keep the person's preferences by the form that a person would send."""
    token = next((cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken"), "")
    answer = page.request.post(
        "/preferences",
        form={**chosen, "time_zone": "", "density": "cozy"},
        headers={"X-CSRFToken": token, "Referer": page.url},
    )
    if not answer.ok:
        stop(f"The preferences {json.dumps(chosen)} were refused with status {answer.status}.")


def _first_record(page: Page) -> str:
    page.goto("/o/opportunity")
    found = page.locator("main a[href^='/o/opportunity/']").evaluate_all(
        "links => links.map(a => a.getAttribute('href'))"
    )
    for path in found:
        if str(path).rpartition("/")[2].isdigit():
            return str(path)
    stop("The list of opportunities shows no record.")


if __name__ == "__main__":
    main()
