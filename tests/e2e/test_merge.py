"""Merging where people meet it: chosen in the list, side by side, undone; and the warning while a form is filled in."""

from __future__ import annotations

import re
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def new_account(page: Page, name: str, phone: str) -> str:
    """Create an account in the full form; its address."""
    page.goto("/o/account/new")
    page.fill("[name=name]", name)
    page.fill("[name=phone]", phone)
    with page.expect_navigation(url=re.compile(r"/o/account/\d+$")):
        page.get_by_role("button", name="Save").click()
    return page.url


def test_two_accounts_are_merged_by_keyboard_and_come_apart_again(visit: Visit) -> None:
    page = visit.sign_in("admin")
    herd = f"zebra{token_hex(4)}"
    first = new_account(page, f"{herd} Instruments Ltd", "021 6123 4567")
    second = new_account(page, f"{herd} Optics", "021 6999 0000")
    page.goto(f"/o/account?q=name:{herd}")
    boxes = page.locator("tbody tr[data-id] input[type=checkbox]")
    expect(boxes).to_have_count(2)
    for number in range(2):
        boxes.nth(number).check()
    with page.expect_navigation(url=re.compile(r"/o/account/merge\?id=\d+&id=\d+")):
        page.locator(".bulk").get_by_role("button", name="Merge").click()
    row = page.locator("tr.differs", has=page.get_by_text("Phone", exact=True))
    expect(row.locator("input[type=radio]")).to_have_count(2)
    kept = page.locator("thead th.keep .named").inner_text()
    # The arrows choose: the phone of the record that goes.
    row.locator("input[type=radio]:checked").focus()
    page.keyboard.press("ArrowRight")
    chosen = row.locator("input[type=radio]:checked + span").inner_text()
    with page.expect_navigation(url=re.compile(r"/o/account/\d+$")):
        page.get_by_role("button", name="Merge 2 records").click()
    expect(page.locator("h1")).to_have_text(kept)
    expect(page.locator("[data-shown]").or_(page.locator(".props")).first).to_be_visible()
    expect(page.locator(".props")).to_contain_text(chosen.splitlines()[-1].strip())
    survivor = page.url
    loser = second if survivor == first else first
    page.goto(loser)
    expect(page).to_have_url(survivor)

    page.get_by_role("button", name="History").click()
    merged = page.locator("#stream li", has_text="merged other records into this")
    merged.get_by_role("button", name="Undo…").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("comes back from the recycle bin")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Undo", exact=True).click()
    page.goto(loser)
    expect(page).to_have_url(loser)


def test_a_form_warns_while_a_known_company_is_typed(visit: Visit) -> None:
    page = visit.sign_in("admin")
    name = f"Quagga{token_hex(4)}"
    address = new_account(page, f"{name} Optics GmbH", "021 6222 0000")
    page.goto("/o/account/new")
    page.fill("[name=name]", f"{name.upper()} OPTICS LTD")
    warning = page.locator(".found-duplicates")
    expect(warning).to_contain_text("Same company name")
    expect(warning.get_by_role("link", name=f"{name} Optics GmbH")).to_have_attribute(
        "href", re.compile(r"/o/account/\d+")
    )
    assert address.endswith(str(warning.get_by_role("link").first.get_attribute("href")))
    page.fill("[name=name]", "Something Else")
    expect(warning).to_have_count(0)


def test_the_merge_fits_a_phone(visit: Visit) -> None:
    page = visit.sign_in("admin")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/o/account/merge?id=1&id=2")
    expect(page.get_by_role("button", name="Merge 2 records")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, width
