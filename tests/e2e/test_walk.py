"""A salesperson's morning: sign in, move a deal, correct an amount, note a call, find an account, sign out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def drag(page: Page, card: Locator, cards: Locator) -> None:
    """Drag a card by hand into the cards of another column."""
    start, goal = card.bounding_box(), cards.bounding_box()
    assert start and goal
    page.mouse.move(start["x"] + 60, start["y"] + start["height"] - 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 90, start["y"] + 40, steps=5)
    page.mouse.move(goal["x"] + 90, goal["y"] + 50, steps=12)
    page.wait_for_timeout(200)
    page.mouse.up()


def test_a_morning_at_work(visit: Visit) -> None:
    page = visit.sign_in("sales")
    page.get_by_role("link", name="Opportunities", exact=True).first.click()
    expect(page.locator("tbody tr[data-id]").first).to_be_visible()

    page.get_by_role("link", name="Board").first.click()
    lane = page.locator(".lane:has(.card-tile)").first
    card = lane.locator(".card-tile").first
    number = card.get_attribute("data-id")
    from_value = lane.get_attribute("data-value")
    goal = page.locator(f".lane:not([data-value='{from_value}'])").first
    with page.expect_response(re.compile(rf"/o/opportunity/{number}/move")) as moved:
        drag(page, card, goal.locator(".cards"))
    assert moved.value.status in (200, 422)
    expect(page.locator(".toast-note, #dialog[open]").first).to_be_visible()
    if moved.value.status == 200:
        expect(goal.locator(f".card-tile[data-id='{number}']")).to_be_visible()
        page.reload()
        expect(goal.locator(f".card-tile[data-id='{number}']")).to_be_visible()

    page.goto("/o/opportunity")
    heading = page.locator("th[data-k]").evaluate_all("all => all.findIndex(one => one.dataset.k === 'amount') + 1")
    cell = page.locator("tbody tr[data-id]").first.locator("td").nth(heading)
    cell.dblclick()
    page.locator(".cell-edit input").fill("12345")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_contain_text("saved")
    expect(cell).to_contain_text("12,345")
    page.reload()
    expect(cell).to_contain_text("12,345")

    page.goto(f"/o/opportunity/{number}")
    page.get_by_role("tab", name="Call").click()
    page.locator(".composer form:visible textarea").fill("They want delivery in March.")
    page.locator(".composer form:visible button.send").click()
    expect(page.locator("#stream > li").first).to_contain_text("They want delivery in March.")
    expect(page.locator(".composer form:visible textarea")).to_have_value("")

    page.goto("/o/account")
    name = page.locator("tbody tr[data-id] td:nth-child(2)").first.inner_text().strip()
    page.keyboard.press("Control+k")
    page.locator("#palette-ask").press_sequentially(name[1:5])
    hit = page.locator("#palette-found a.hit[href^='/o/account/']", has_text=name).first
    expect(hit).to_be_visible()
    hit.click()
    expect(page.locator("h1")).to_contain_text(name)

    page.locator("[popovertarget='menu-person']").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/signin$"))
    page.goto("/o/account")
    expect(page).to_have_url(re.compile("/signin"))


def test_a_refused_value_comes_back_with_what_was_typed(visit: Visit) -> None:
    page = visit.sign_in()
    page.goto("/o/opportunity")
    cell = page.locator("tbody tr[data-id]").first.locator("td.n").first
    before = cell.inner_text()
    cell.dblclick()
    page.locator(".cell-edit input").fill("plenty")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-edit .error")).to_be_visible()
    expect(page.locator(".cell-edit input")).to_have_value("plenty")
    page.keyboard.press("Escape")
    expect(cell).to_have_text(before)


def test_a_move_that_needs_more_asks_for_it_and_then_happens(visit: Visit) -> None:
    page = visit.sign_in()
    page.goto("/o/opportunity?layout=board")
    card = page.locator(".lane:has(.card-tile) .card-tile:not([data-ro])").first
    number = card.get_attribute("data-id")
    card.hover()
    card.locator("[data-move]").click()
    page.locator("#menu-move").get_by_role("button", name="Lost").click()
    expect(page.locator("#dialog")).to_be_visible()
    page.get_by_label("Reason lost").or_(page.locator("[name=lost_reason]")).first.select_option(index=1)
    page.get_by_role("button", name="Save and move").click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".toast-note")).to_contain_text("Lost")
    page.goto(f"/o/opportunity/{number}")
    expect(page.locator(".path [aria-current=step]")).to_have_text("Lost")


def test_keys_drive_the_list(visit: Visit) -> None:
    page = visit.sign_in()
    page.goto("/o/account")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("tbody tr[data-id]").nth(1)
    expect(second).to_have_class(re.compile("current"))
    page.keyboard.press("x")
    expect(page.locator(".bulk strong")).to_have_text("1 selected")
    page.keyboard.press("x")
    page.keyboard.press("Space")
    expect(page.locator("#peek h2")).to_have_text(second.locator("td").nth(1).inner_text())
    page.keyboard.press("ArrowDown")
    third = page.locator("tbody tr[data-id]").nth(2).locator("td").nth(1)
    expect(page.locator("#peek h2")).to_have_text(third.inner_text())
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("jjx?")
    expect(page.locator("#query")).to_have_value("jjx?")
    expect(page.locator("#keys")).to_be_hidden()


def test_what_was_typed_survives_a_reload(visit: Visit) -> None:
    page = visit.sign_in()
    page.goto("/o/account/new")
    page.fill("#f-name", "Half a company")
    page.reload()
    expect(page.locator("#f-name")).to_have_value("Half a company")
    expect(page.locator(".draft-note")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Half a company")
    page.goto("/o/account/new")
    expect(page.locator("#f-name")).to_have_value("")


def test_the_phone_never_scrolls_sideways(visit: Visit) -> None:
    page = visit.sign_in()
    page.set_viewport_size({"width": 390, "height": 844})
    boards = ("/o/opportunity", "/o/opportunity?layout=board", "/o/task?layout=calendar")
    for path in ("/", *boards, "/o/account/new", "/o/account/1", "/preferences"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, (path, width)
    expect(page.locator(".bottom-bar")).to_be_visible()
