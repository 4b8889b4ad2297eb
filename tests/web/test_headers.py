"""What every page sends: a strict policy, nothing inline, and no more bytes than it may."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client

import guanxi.web
from tests.web import deals

pytestmark = pytest.mark.django_db

WEB = Path(guanxi.web.__file__).parent
PAGES = (
    *("/", "/preferences", "/o/opportunity", "/o/opportunity?layout=board", "/o/opportunity?layout=calendar"),
    *("/o/opportunity/new", "/o/opportunity/new?quick=1", "/o/account", "/o/task?layout=board", "/palette?q=a"),
    *("/o/opportunity/{id}", "/o/opportunity/{id}/edit", "/o/opportunity/{id}/peek", "/o/opportunity/{id}/related"),
    *("/o/opportunity/{id}/act/lose", "/o/opportunity/filter", "/o/opportunity/chooser", "/o/nothing", "/nowhere"),
)
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "object-src": "'none'",
}
ASSET_LIMIT = 300_000
LIST_LIMIT = 60_000


class Inline(HTMLParser):
    """Collects what the policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on") or name.startswith("hx-on"):
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action") and (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture
def pages(visitor: Client) -> list[str]:
    first = deals.make(3)[0]
    return [page.format(id=first) for page in PAGES]


def test_no_page_holds_inline_script_or_style(visitor: Client, pages: list[str]) -> None:
    for page in [*pages, "/signin"]:
        client = Client() if page == "/signin" else visitor
        parser = Inline()
        parser.feed(client.get(page).content.decode())
        assert parser.found == [], page


def test_every_page_carries_the_policy(visitor: Client, pages: list[str]) -> None:
    for page in [*pages, "/signin"]:
        client = Client() if page == "/signin" else visitor
        header = client.get(page).headers["Content-Security-Policy"]
        given = dict(part.strip().partition(" ")[::2] for part in header.split(";"))
        assert {name: given.get(name) for name in POLICY} == POLICY, page
        assert "unsafe" not in header
        assert "*" not in header


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "500"])
def test_the_pages_of_the_framework_need_nothing_and_hold_nothing_inline(status: str) -> None:
    page = get_template(f"{status}.html").render()
    parser = Inline()
    parser.feed(page)
    assert parser.found == []
    assert "<h1>" in page


def test_pages_are_neither_framed_nor_kept(visitor: Client, pages: list[str]) -> None:
    response = visitor.get(pages[2])
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]


def test_a_full_list_page_stays_small(visitor: Client) -> None:
    deals.make(50)
    response = visitor.get("/o/opportunity")
    assert response.content.count(b"<tr data-id=") == 50
    assert len(response.content) <= LIST_LIMIT


def test_shared_assets_stay_small() -> None:
    built = WEB / "static" / "guanxi"
    if not (built / "app.js").is_file():
        pytest.skip("the browser assets have not been built; run make assets")
    sizes = {
        path.name: len(path.read_bytes() if path.suffix == ".woff2" else gzip.compress(path.read_bytes()))
        for path in built.rglob("*")
        if path.suffix in (".js", ".css", ".svg", ".woff2")
    }
    assert sum(sizes.values()) < ASSET_LIMIT, sizes


def test_the_lock_file_names_no_registry() -> None:
    lock = (WEB / "assets" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    exact = (WEB / "assets" / "package.json").read_text(encoding="utf-8")
    assert not re.search(r'": "[\^~]', exact), "every version is pinned exactly"
