"""Strings that break programs, and what of a page a browser would run."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path


def strings(data: Path) -> list[str]:
    """The big list of naughty strings, and payloads for scripts, each once."""
    found: list[str] = json.loads((data / "hostile-strings" / "blns" / "blns.json").read_text(encoding="utf-8"))
    for path in sorted((data / "hostile-strings" / "payloads").glob("xss_*.txt"))[:6]:
        found += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return list(dict.fromkeys(text for text in found if text))


class _Dangers(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "iframe", "object", "embed", "svg") and not (given.get("src") or given.get("class")):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        leading = [given.get(name) or "" for name in ("href", "src", "action", "formaction", "data", "xlink:href")]
        self.found += [value for value in leading if value.strip().lower().startswith("javascript:")]


def dangers(page: str) -> list[str]:
    """Inline scripts, event handlers and script addresses in a page."""
    parser = _Dangers()
    parser.feed(page)
    return parser.found
