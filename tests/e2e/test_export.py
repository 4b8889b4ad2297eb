"""Exporting, approving and printing as people do it, with the mark across the screen."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Visit
from tests.e2e.test_axe import AXE, findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def policy(page: Page, **rules: object) -> None:
    """Change the security policy as an administrator who is signed in on the page."""
    changed = page.evaluate(
        """(rules) => fetch("/api/v1/security-policy", {method: "PATCH", body: rules, headers: {
             "Content-Type": "application/json",
             "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content}}).then((r) => r.status)""",
        json.dumps(rules),
    )
    assert changed == 200


def test_export_approve_download_and_print_under_the_mark(browser: Browser, address: str) -> None:
    boss = Visit(browser, address)
    admin = boss.sign_in("admin")
    policy(admin, watermark_screen=True, export_approval_above=20)
    visits = [boss]
    try:
        for theme in ("light", "dark"):
            visits.append(visit := Visit(browser, address, color_scheme=theme))
            page = visit.sign_in("manager")
            few(page)
            much(page, admin)
            printed(page)
    finally:
        policy(admin, watermark_screen=False, export_approval_above=0)
    problems = [problem for visit in visits for problem in visit.problems]
    for visit in visits:
        visit.context.close()
    assert problems == []


def few(page: Page) -> None:
    """Three rows leave at once, and the dialog is gone."""
    page.goto("/o/account")
    for box in page.locator("tbody input[type=checkbox]").all()[:3]:
        box.click()
    page.click("[data-bulk-export]")
    page.wait_for_selector("#dialog[open]:not(.htmx-settling):not(.htmx-swapping)")
    with page.expect_response(lambda answer: "format=csv" in answer.url) as chosen:
        page.select_option("#export-format", "csv")
    assert "csrf" not in chosen.value.url
    page.wait_for_selector("#export-format[autofocus]:focus")
    accessible(page)
    with page.expect_download() as waiting:
        page.click("#dialog .btn-primary")
    with Path(waiting.value.path()).open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.reader(file))) == 4
    page.wait_for_selector("#dialog:not([open])", state="attached")


def much(page: Page, admin: Page) -> None:
    """Everything needs a reason and somebody else's word."""
    page.goto("/o/account")
    page.click("[popovertarget=menu-list]")
    page.click("#menu-list [hx-get*='/export']")
    page.fill("#export-reason", "Yearly reconciliation")
    page.click("#dialog .btn-primary")
    page.wait_for_url("**/exports/*")
    accessible(page)
    admin.goto(page.url)
    accessible(admin)
    admin.click("[value=approve]")
    admin.wait_for_selector("text=Approved")
    page.reload()
    with page.expect_download() as waiting:
        page.click("[data-download] .btn-primary")
    assert waiting.value.suggested_filename.endswith(".xlsx")
    page.wait_for_selector("text=Downloaded")
    page.goto("/exports")
    accessible(page)


def printed(page: Page) -> None:
    """The print view has its mark and no navigation."""
    page.goto("/o/account/1/print")
    assert page.locator(".sheet h1").is_visible() and not page.locator(".side").count()
    accessible(page)


def accessible(page: Page) -> None:
    """The mark is there, and axe finds nothing serious under it."""
    mark = page.evaluate("getComputedStyle(document.body, '::after').backgroundImage")
    assert "watermark.svg" in mark
    if AXE.is_file():
        assert findings(page) == [], page.url
