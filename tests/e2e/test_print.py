"""Strings that break programs on paper: the browser makes a PDF of the print view, which holds them as they were typed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdf
import pytest

from tests.e2e.conftest import Visit
from tests.support.hostile import strings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
MANY = 40
MAKE = """(body) => fetch("/api/v1/account", {method: "POST", body, headers: {"Content-Type": "application/json",
    "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content}}).then((answer) => answer.json())"""


def test_a_pdf_holds_what_was_typed_and_nothing_runs(visit: Visit, guanxi_data: Path) -> None:
    """Of texts in letters that every font has; a name alone tells whether it ran."""
    page = visit.sign_in("admin")
    page.on("dialog", lambda dialog: visit.problems.append(f"a script ran: {dialog.message}"))
    plain = [text for text in strings(guanxi_data) if text.isascii() and text.isprintable() and 8 < len(text) <= 100]
    markup = [text for text in plain if "<" in text]
    assert len(markup) > MANY
    notes = "\n".join(markup[:: len(markup) // MANY])
    made = page.evaluate(MAKE, json.dumps({"name": markup[0], "description": notes}))
    assert "id" in made, made
    page.goto(f"/o/account/{made['id']}/print")
    page.wait_for_load_state("networkidle")
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    printed = "".join("".join(one.extract_text().split()) for one in pages)
    for text in [markup[0], *notes.splitlines()]:
        assert "".join(text.split()) in printed, text
