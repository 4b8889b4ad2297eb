"""Undo where people meet it: in the sentence after saving, in the history, in the activity; and earlier days."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def stage_of(page: Page) -> str:
    """The stage the opportunity stands in."""
    return page.locator("[data-path] [aria-current='step']").inner_text().strip()


def test_undo_and_redo_from_the_sentence_the_history_and_the_activity(visit: Visit) -> None:
    page = visit.sign_in("admin")
    page.goto("/o/opportunity?q=status:open")
    page.locator("tbody tr[data-id] a[href^='/o/opportunity/']").first.click()
    page.wait_for_url(re.compile(r"/o/opportunity/\d+"))
    before = stage_of(page)
    with page.expect_navigation():
        page.locator("[data-path] li.open button:not([disabled])").first.click()
    moved = stage_of(page)
    assert moved != before
    with page.expect_navigation():
        page.locator(".toast-note .undo").click()
    expect(page.locator(".toast-note")).to_contain_text("Undone for 1 record")
    assert stage_of(page) == before
    with page.expect_navigation():
        page.locator(".toast-note .undo").click()
    expect(page.locator(".toast-note")).to_contain_text("Done again")
    assert stage_of(page) == moved

    page.get_by_role("button", name="History").click()
    page.locator("#stream button", has_text="Undo…").first.click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("as it was before")
    expect(dialog.locator(".changes")).to_contain_text(before)
    with page.expect_navigation():
        dialog.get_by_role("button", name="Undo", exact=True).click()
    assert stage_of(page) == before

    page.goto("/activity")
    page.locator(".act button").first.click()
    expect(dialog).to_contain_text("changed again")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Do it again").click()
    expect(page.locator(".act").first).to_contain_text("changed")


def test_the_board_as_it_stood_and_back(visit: Visit) -> None:
    page = visit.sign_in("manager")
    page.goto("/o/opportunity?layout=board")
    now = page.locator(".lane").first.inner_text()
    page.locator("[popovertarget='menu-person']").click()
    page.get_by_role("button", name="Look at an earlier day…").click()
    page.get_by_role("button", name="End of last quarter").click()
    expect(page.locator(".seeing")).to_contain_text("as they stood on")
    page.goto("/o/opportunity?layout=board")
    expect(page.locator(".lane").first).to_be_visible()
    assert page.locator(".lane").first.inner_text() != now
    page.goto("/o/opportunity/1/edit")
    expect(page.locator("body")).to_contain_text("Go back to today first")
    visit.problems.clear()  # the browser's own word on that refusal
    page.goto("/o/opportunity?layout=board")
    page.get_by_role("button", name="Back to today").click()
    expect(page.locator(".seeing")).to_have_count(0)
    expect(page.locator(".lane").first).to_be_visible()
    assert page.locator(".lane").first.inner_text() == now
