"""Changing everything that matches a filter, and reading and trying the documentation of the API, as people do it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.test_axe import findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def opened(page: Page) -> None:
    page.wait_for_selector("#dialog[open]:not(.htmx-settling):not(.htmx-swapping)")


def test_everything_of_a_filter_is_changed_and_taken_back(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.sign_in("admin")
    page.goto("/o/activity")
    page.click("[data-all]")
    expect(page.locator(".bulk strong")).to_have_text("50 selected")
    page.click("[data-every]")
    total = re.sub(r"\D", "", page.locator(".bulk strong").inner_text())
    assert int(total) > 50
    expect(page.locator("[data-bulk-export]")).to_be_hidden()
    page.click("[data-bulk=delete]")
    opened(page)
    expect(page.locator("#dialog-title")).to_contain_text("records?")
    assert findings(page) == []
    page.click("#dialog [data-close]")
    page.locator("tbody input[type=checkbox]").first.click()
    expect(page.locator(".bulk strong")).to_have_text("49 selected")
    page.goto("/o/account?q=level:a")
    page.click("[data-all]")
    chosen = int(re.sub(r"\D", "", page.locator(".bulk strong").inner_text()))
    page.click("[data-bulk-dialog='']")
    opened(page)
    page.select_option("#bulk-field", "city")
    page.wait_for_selector("#bulk-city, [name=city]")
    page.fill("[name=city]", "Suzhou")
    page.click("#dialog .btn-primary")
    page.wait_for_selector("#dialog:not([open])", state="attached")
    expect(page.locator("#toasts")).to_contain_text(f"{chosen} records changed.")
    visit.context.close()
    assert visit.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_documentation_is_searched_and_tried(browser: Browser, address: str, theme: str) -> None:
    visit = Visit(browser, address, color_scheme=theme)
    page = visit.sign_in("manager")
    page.goto("/api/docs")
    assert findings(page) == []
    page.fill("[data-find]", "upsert account")
    page.click(".found:not([hidden]) li:not([hidden]) a >> nth=0")
    page.wait_for_url("**/api/docs/account#account_batch")
    expect(page.locator("#account_batch")).to_have_attribute("open", "")
    assert findings(page) == []
    page.fill("[data-find]", "zzzz")
    expect(page.locator("[data-none-found]")).to_be_visible()
    page.goto("/api/docs/account#account_list")
    # Only the place in the page changes: what it points to is opened and scrolled to a moment later.
    expect(page.locator("#account_list")).to_have_attribute("open", "")
    page.click("#account_list .try > summary")
    page.fill("#account_list-limit", "2")
    page.press("#account_list-limit", "Enter")
    expect(page.locator("#account_list [data-status]")).to_contain_text("200")
    expect(page.locator("#account_list [data-answer] code")).to_contain_text('"data"')
    visit.context.close()
    assert visit.problems == []
