"""No page has a serious or critical accessibility finding, in either theme (axe-core)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import guanxi.web
from tests.e2e.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
AXE = Path(guanxi.web.__file__).parent / "assets" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  // What is still fading in has not its own colours yet.
  const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
  await Promise.allSettled(ending.map((one) => one.finished));
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => ({
    rule: one.id,
    nodes: one.nodes.slice(0, 4).map((node) => node.html.slice(0, 160) + " :: " + (node.any[0]?.message ?? "")),
  }));
}"""
PAGES = {
    "home": "/",
    "list": "/o/opportunity",
    "filtered list": "/o/opportunity?q=amount%3E%3D1000",
    "wrong filter": "/o/opportunity?q=amount%3E%3Elots",
    "empty list": "/o/opportunity?q=name%3Dzzzzzz",
    "board": "/o/opportunity?layout=board",
    "summary": "/o/opportunity?layout=summary&by=stage&sum=amount",
    "summary across": "/o/opportunity?layout=summary&by=owner&by=status&sum=amount",
    "briefing": "/briefing",
    "calendar": "/o/task?layout=calendar",
    "record": "/o/opportunity/1",
    "account": "/o/account/1",
    "form": "/o/opportunity/1/edit",
    "new": "/o/contact/new",
    "merge": "/o/account/merge?id=1&id=2",
    "duplicates": "/duplicates",
    "taken": "/taken?q=a",
    "preferences": "/preferences",
    "security": "/preferences/security",
    "app with codes": "/preferences/security/app",
    "new passkey": "/preferences/security/passkeys/add",
    "new key": "/preferences/security/keys/new",
    "jobs": "/jobs",
    "activity": "/activity",
    "not found": "/o/account/999999",
}


def findings(page: Page) -> list[dict[str, Any]]:
    """Serious and critical findings of the page as it stands."""
    page.wait_for_load_state("networkidle")
    # Evaluated by the debugger, which the page's own policy does not bind.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return found


ADMINISTRATION = {
    "administration": "/admin",
    "people": "/admin/people",
    "person": "/admin/people/2",
    "invite": "/admin/invite",
    "departments": "/admin/departments",
    "roles": "/admin/roles",
    "role": "/admin/roles/2",
    "defaults": "/admin/defaults",
    "policy": "/admin/security",
    "retention": "/admin/retention",
    "duplicate rules": "/admin/duplicates",
    "indexes": "/admin/indexes",
    "kept sums": "/admin/sums",
    "proof": "/admin/audit",
    "audit log": "/o/audit_event",
    "sharing rule": "/o/sharing_rule/new",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_finding_in_the_administration(browser: Browser, address: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; run make assets")
    visit = Visit(browser, address, color_scheme=theme)
    page = visit.sign_in("admin")
    wrong: dict[str, list[dict[str, Any]]] = {}
    for name, path in ADMINISTRATION.items():
        page.goto(path)
        wrong[name] = findings(page)
    page.goto("/o/account/1")
    for name in ("Who can see this?", "Team and sharing"):
        page.locator("[popovertarget=menu-record]").click()
        page.get_by_role("button", name=name).first.click()
        page.locator("#dialog[open] h2").wait_for()
        page.wait_for_timeout(500)  # until it has faded in: what is half there has half the contrast
        wrong[name] = findings(page)
        page.keyboard.press("Escape")
    visit.context.close()
    serious = {name: found for name, found in wrong.items() if found}
    assert not serious, json.dumps(serious, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_finding(browser: Browser, address: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed; run make assets")
    visit = Visit(browser, address, color_scheme=theme)
    wrong: dict[str, list[dict[str, Any]]] = {}
    visit.page.goto("/signin")
    wrong["sign-in"] = findings(visit.page)
    page = visit.sign_in()
    for name, path in PAGES.items():
        page.goto(path)
        wrong[name] = findings(page)
    page.goto("/o/account")
    page.get_by_role("button", name="New Account").click()
    page.locator("#dialog[open]").wait_for()
    wrong["quick create"] = findings(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.locator("#palette-found .hit").first.wait_for()
    wrong["palette"] = findings(page)
    visit.context.close()
    serious = {name: found for name, found in wrong.items() if found}
    assert not serious, json.dumps(serious, indent=1, ensure_ascii=False)
