"""An administrator's morning: invite somebody, widen a role after looking at what it does, share, see as, let go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECRET = "long enough 42 Stones"


def test_from_the_invitation_to_leaving(browser: Browser, address: str, visit: Visit) -> None:
    page = visit.sign_in("admin")
    page.get_by_role("link", name="Administration", exact=True).click()
    page.get_by_role("link", name="Invite people").click()
    one = page.locator("form", has=page.locator("[name=what][value=one]"))
    one.locator("[name=username]").fill("new.person")
    one.locator("[name=name]").fill("New Person")
    one.get_by_label("Salesperson").check()
    one.get_by_role("button", name="Invite").click()
    link = page.locator(".links input").first.input_value()
    assert "/signin/invited/" in link

    guest = Visit(browser, address)
    guest.page.goto(link)
    for box in guest.page.locator("input[type=password]").all():
        box.fill(SECRET)
    # A password takes its time to be hashed: a page asked for before the answer has come is given up for it.
    with guest.page.expect_navigation():
        guest.page.keyboard.press("Enter")
    guest.page.goto("/signin")
    if guest.page.locator("#username").count():
        guest.page.fill("#username", "new.person")
        guest.page.fill("#password", SECRET)
        guest.page.press("#password", "Enter")
        guest.page.wait_for_url(f"{address}/")
    guest.page.goto("/o/opportunity")
    expect(guest.page.locator("tbody tr[data-id]")).to_have_count(0)

    _widen_the_role(page)
    try:
        guest.page.reload()
        expect(guest.page.locator("tbody tr[data-id]").first).to_be_visible()
    finally:
        _narrow_the_role(page)

    page.goto("/admin/people?q=new.person")
    page.get_by_role("link", name="New Person").click()
    page.get_by_role("button", name="See as this person").click()
    expect(page.locator(".seeing")).to_contain_text("You see what New Person sees")
    page.get_by_role("button", name="End").click()
    expect(page.locator("h1")).to_contain_text("New Person")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator("main")).to_contain_text("cannot sign in")
    guest.page.goto("/o/opportunity")
    expect(guest.page).to_have_url(re.compile("/signin"))
    guest.context.close()


def _widen_the_role(page: Page) -> None:
    """Salespeople see every opportunity: looked at first, saved then."""
    page.goto("/admin/roles")
    page.get_by_role("link", name="Salesperson").click()
    line = page.locator("tr[data-line=opportunity]")
    line.locator("[data-own]").check()
    line.locator("select[name='o.opportunity.read']").select_option("all")
    page.get_by_role("button", name="What would change?").click()
    effect = page.locator("#effect")
    expect(effect).to_contain_text("Opportunities", timeout=30_000)  # twenty people, counted one by one
    expect(effect.locator(".gain").first).to_contain_text("+")
    with page.expect_response(re.compile("/save$")) as saved:
        page.get_by_role("button", name="Save", exact=True).click()
    assert saved.value.status == 204
    page.wait_for_load_state("networkidle")
    expect(page.locator("tr[data-line=opportunity] [data-own]")).to_be_checked()


def _narrow_the_role(page: Page) -> None:
    """As it was, for the tests after this one."""
    page.goto("/admin/roles")
    page.get_by_role("link", name="Salesperson").click()
    page.locator("tr[data-line=opportunity] [data-own]").uncheck()
    with page.expect_response(re.compile("/save$")) as saved:
        page.get_by_role("button", name="Save", exact=True).click()
    assert saved.value.status == 204
    page.wait_for_load_state("networkidle")


def _first_account(page: Page) -> None:
    page.goto("/o/account")
    page.locator("tbody tr[data-id] a").first.click()
    page.wait_for_load_state("networkidle")


def test_a_record_is_shared_explained_and_taken_back(visit: Visit) -> None:
    page = visit.sign_in("admin")
    _first_account(page)
    page.locator("[popovertarget=menu-record]").click()
    page.get_by_role("button", name="Team and sharing").click()
    dialog = page.locator("#dialog[open]")
    dialog.get_by_role("radiogroup").get_by_text("Role", exact=True).click()
    dialog.locator("#share-role").select_option(label="Marketer")
    dialog.locator("#share-note").fill("Campaign")
    dialog.get_by_role("button", name="Share", exact=True).click()
    expect(dialog.locator(".shares")).to_contain_text("Marketer")
    dialog.get_by_role("button", name="Close").first.click()
    page.locator("[popovertarget=menu-record]").click()
    page.get_by_role("button", name="Who can see this?").click()
    dialog.locator(".seers summary").first.wait_for()
    expect(dialog).to_contain_text("Administrators may do everything.")
    dialog.get_by_text("Who can see which field").click()
    expect(dialog.locator(".fields-access table")).to_be_visible()
    dialog.get_by_role("button", name="Team and sharing").click()
    dialog.get_by_role("button", name="Take back").first.click()
    expect(dialog).to_contain_text("Shared with nobody")


def test_departments_are_dragged(visit: Visit) -> None:
    page = visit.sign_in("admin")
    page.goto("/admin/departments")
    moved = page.locator(".tree li[data-id]", has_text="Finance").last
    goal = page.locator(".tree li[data-id]", has_text="Service").last
    number = moved.get_attribute("data-id")
    start, end = moved.locator(".node").first.bounding_box(), goal.locator(".node").first.bounding_box()
    assert start and end
    with page.expect_response(re.compile("/admin/departments/move")) as answer:
        page.mouse.move(start["x"] + 20, start["y"] + 10)
        page.mouse.down()
        page.mouse.move(start["x"] + 30, start["y"] - 6, steps=5)
        page.mouse.move(end["x"] + 30, end["y"] + 4, steps=15)
        page.wait_for_timeout(200)
        page.mouse.up()
    assert answer.value.status == 204
    page.reload()
    expect(page.locator(f".tree li[data-id='{number}']")).to_be_visible()


def test_departments_are_moved_with_the_keyboard(visit: Visit) -> None:
    page = visit.sign_in("admin")
    page.goto("/admin/departments")
    item = page.locator(".tree li[data-id]", has_text="Marketing").last
    number = item.get_attribute("data-id")
    here = page.locator(f".tree li[data-id='{number}']")
    before = here.evaluate("item => item.previousElementSibling.dataset.id")
    for key, parent in (("ArrowRight", before), ("ArrowLeft", None)):
        grip = here.locator("[data-grip]").first
        grip.focus()
        with page.expect_response(re.compile("/admin/departments/move")) as answer:
            page.keyboard.press(key)
        assert answer.value.status == 204
        assert here.locator("[data-grip]").first.evaluate("grip => grip === document.activeElement")
        page.reload()
        above = here.evaluate("item => item.parentElement.dataset.parent")
        assert (above == before) is (parent is not None)


def test_the_matrix_follows_its_first_line_and_a_refusal_keeps_what_was_ticked(
    visit: Visit,
) -> None:
    page = visit.sign_in("admin")
    page.goto("/admin/roles")
    page.get_by_role("link", name="Marketer").click()
    first, line = page.locator("tr[data-line='*']"), page.locator("tr[data-line=task]")
    log = page.locator("tr[data-line=audit_event]")
    if line.locator("[data-own]").is_checked():
        line.locator("[data-own]").uncheck()
    box = first.locator("[value=merge]")
    box.set_checked(not box.is_checked())
    assert line.locator("[value=merge]").is_checked() == box.is_checked()
    expect(line.locator("[value=merge]")).to_be_disabled()
    expect(log.locator("[value=read]")).not_to_be_checked()
    page.get_by_role("button", name="Add a field rule").click()
    rule = page.locator("[data-rules] tr").last
    rule.locator("[name=field]").select_option("contact.mobile")
    # A level nobody knows is refused, and everything stays as it was typed.
    rule.locator("[name=field_level]").evaluate(
        "list => { list.options[0].value = 'nonsense'; list.selectedIndex = 0; }"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Use the levels")
    expect(rule.locator("[name=field]")).to_have_value("contact.mobile")
    page.locator("[data-rules] tr").last.locator("[data-drop-rule]").click()
    expect(page.locator("[data-rules] tr [value=nonsense]")).to_have_count(0)
    head = page.locator(".matrix thead th").first
    page.locator(".scroll-x.tall").evaluate("box => { box.scrollTop = 400; box.scrollLeft = 200; }")
    top = page.locator(".scroll-x.tall").bounding_box()
    found = head.bounding_box()
    assert top and found and abs(found["y"] - top["y"]) < 2 and abs(found["x"] - top["x"]) < 2
    visit.problems.clear()  # the refused save is reported as a failed load


def test_one_field_tells_who_can_see_it_by_keyboard_alone(visit: Visit) -> None:
    page = visit.sign_in("sales")
    _first_account(page)
    page.locator("[popovertarget=menu-record]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Who can see this?").press("Enter")
    dialog = page.locator("#dialog[open]")
    dialog.locator(".fields-access summary").press("Enter")
    dialog.get_by_role("button", name="Phone", exact=True).press("Enter")
    expect(dialog.locator("h2")).to_contain_text("Who can see “Phone”")
    dialog.get_by_role("button", name="The whole record").press("Enter")
    expect(dialog.locator("h2")).to_contain_text("Who can see this, and why")


def test_what_just_arrived_answers_at_once(visit: Visit) -> None:
    """A button that the server sent works from the moment at which it can be seen: nobody's key press is lost."""
    page = visit.sign_in("sales")
    _first_account(page)
    page.locator("[popovertarget=menu-record]").click()
    page.get_by_role("button", name="Who can see this?").click()
    dialog = page.locator("#dialog[open]")
    dialog.locator(".fields-access summary").click()
    page.evaluate(
        """() => {
            const dialog = document.getElementById("dialog");
            const whole = () => [...dialog.querySelectorAll("button")].find((one) => one.innerText === "The whole record");
            const seen = new MutationObserver(() => { if (whole()) { seen.disconnect(); whole().click(); } });
            seen.observe(dialog, { childList: true, subtree: true });
        }"""
    )
    with page.expect_response(lambda answer: answer.url.endswith("/access"), timeout=5000):
        dialog.get_by_role("button", name="Phone", exact=True).click()
    expect(dialog.locator("h2")).to_contain_text("Who can see this, and why")
