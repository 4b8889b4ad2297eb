"""Strings that break programs come back as they were typed, from forms, search and mails, and run nowhere.

The API: ``tests/schema/test_real_values.py``; files out and in again: ``tests/engine/importing/test_round_trip.py``; paper:
``tests/e2e/test_print.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from guanxi.domains.customers.account import Account
from guanxi.engine import write
from guanxi.engine.notifications import notify
from guanxi.kernel import clock
from guanxi.kernel.labels import Label
from guanxi.kernel.text import UNSTORABLE
from guanxi.web import notices
from tests.engine.search.indexed import follow_journal
from tests.support import people
from tests.support.hostile import dangers, strings
from tests.support.mail import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


class _Words(HTMLParser):
    """The text of a page as its reader sees it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(page: str) -> str:
    """The text of a page, white space collapsed."""
    parser = _Words()
    parser.feed(page)
    return " ".join(parser.text.split())


@pytest.fixture
def names(guanxi_data: Path) -> list[str]:
    """Those that can be the name of something."""
    return [text for text in strings(guanxi_data) if len(text) <= 160 and text.strip() and not UNSTORABLE.search(text)]


def test_a_form_keeps_what_was_typed(visitor: Client, names: list[str]) -> None:
    for text in [text for text in names if len(text) <= 40][::5]:
        sent = visitor.post("/o/tag/new", {"name": text})
        assert sent.status_code in (302, 303), (text, sent.status_code)
        address = sent.headers["Location"].partition("?")[0]
        page = visitor.get(address).content.decode()
        assert dangers(page) == [], text
        assert " ".join(text.split()) in seen(page), text


def test_a_refused_form_gives_back_what_was_typed(visitor: Client, names: list[str]) -> None:
    for text in names[::12]:
        page = visitor.post("/o/account/new", {"name": text, "email": "none"}).content.decode()
        assert dangers(page) == [], text
    assert not Account.objects.exists()


def test_a_search_takes_anything_and_shows_what_it_finds_as_text(visitor: Client, names: list[str]) -> None:
    with write.change(people.program(), "test") as door:
        made = door.create_many("competitor", [{"name": text} for text in dict.fromkeys(map(str.strip, names))][::6])
    follow_journal()
    for text in [str(getattr(one, "name", "")) for one in made]:
        for address in ("/search", "/palette"):
            answer = visitor.get(address, {"q": text})
            page = answer.content.decode()
            assert answer.status_code == 200 and dangers(page) == [], (address, text)
    everything = visitor.get("/search", {"q": "script"}).content.decode()
    assert "&lt;<mark>script</mark>" in everything.lower() and dangers(everything) == []


def test_a_mail_holds_them_as_text_and_none_becomes_a_header(settings: Any, names: list[str]) -> None:
    li = people.person("li")
    li.email = "li@example.com"
    li.save()
    told = [" ".join(text.split()) for text in names if text.isprintable()][::4]
    with mail_server(settings) as post:
        for number, text in enumerate(told):
            with clock.frozen(NOON + timedelta(hours=number)):
                notify([li.pk], Label(text, text), kind="webhook")
            with clock.frozen(NOON + timedelta(hours=number, minutes=2)):
                assert notices.send_due() == 1, text
    assert len(post.received) == len(told) > 50
    for text, (_address, mail) in zip(told, post.received, strict=True):
        assert set(mail.keys()) <= HEADERS, text
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None and html is not None
        assert text in " ".join(plain.get_content().split()), text
        assert text in seen(html.get_content()) and dangers(html.get_content()) == [], text


HEADERS = {
    *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Auto-Response-Suppress", "Precedence"),
}
