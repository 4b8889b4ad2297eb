"""Importing as people do it: a file from another system, a question answered, problems put right, the report, undo."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Visit
from tests.e2e.test_axe import AXE, findings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
ROWS = 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A list as a trade fair sends it: GBK, a line above the names, dates that can be read in two ways, mistakes."""
    path = tmp_path / "展会名单.csv"
    with path.open("w", encoding="gbk", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["2026 年春季展会"])
        writer.writerow(["姓名", "公司名称", "手机", "邮箱", "角色", "生日"])
        for number in range(ROWS):
            mail = "没有" if number == 7 else f"fair{number}@example.com"
            role = "老板" if number % 20 == 0 else "采购"
            writer.writerow(
                [f"展会客户{number}", "展会测试公司", f"138000{number:05d}", mail, role, f"0{number % 9 + 1}/04/1990"]
            )
    return path


@pytest.mark.parametrize(("width", "height", "theme"), [(1440, 900, "light"), (390, 844, "dark")])
def test_import_a_list(browser: Browser, address: str, file: Path, width: int, height: int, theme: str) -> None:
    options = {"color_scheme": theme, "viewport": {"width": width, "height": height}}
    visit = Visit(browser, address, **options)
    page = visit.sign_in("manager")
    page.goto("/o/contact")
    page.click("[popovertarget=menu-list]")
    page.click("#menu-list a[href='/o/contact/import']")
    accessible(page)
    page.set_input_files("#file", str(file))
    assert page.locator("[data-chosen]").inner_text().startswith("展会名单.csv")
    page.click(".import-upload .btn-primary")
    page.wait_for_url("**/map")
    assert page.locator("[name=field-0]").input_value() == "name"
    assert page.locator("[name=field-1]").input_value() == "account"
    accessible(page)
    fits(page)
    # The keyboard stays where it was when the form is shown anew.
    with page.expect_response("**/map?look=1"):
        page.select_option("[name=field-3]", "")
    page.wait_for_selector("[name=field-3][autofocus]:focus")
    with page.expect_response("**/map?look=1"):
        page.select_option("[name=field-3]", "email")
    page.wait_for_selector("[name=field-3][autofocus]:focus")
    page.click("#import-form .import-foot .btn-primary")

    page.wait_for_selector("[name=answer-5]")
    accessible(page)
    page.check("[name=answer-5][value=mdy]")
    page.click("[form=remedies]")
    page.wait_for_selector(".import-problems")
    accessible(page)
    fits(page)
    page.locator(".import-values select").first.select_option("decision_maker")
    page.locator(".import-problems input[type=checkbox]").first.check()
    page.click("[form=remedies]")
    page.wait_for_selector(f"text={ROWS - 1}")
    page.click("form[action$=commit] button")
    page.wait_for_selector(".import-state .c-green", timeout=30_000)
    assert page.locator(".import-tiles dd").all_inner_texts() == [str(ROWS - 1), "0", "0", "1"]
    accessible(page)
    fits(page)
    with page.expect_download() as waiting:
        page.click("a[href$='format=csv']")
    with Path(waiting.value.path()).open(encoding="utf-8-sig", newline="") as rejected:
        rows = list(csv.reader(rejected))
    assert (len(rows), rows[1][0]) == (2, "展会客户7")

    page.click("button[hx-get^='/undo/']")
    page.wait_for_selector("#dialog .btn-primary")
    page.click("#dialog .btn-primary")
    page.wait_for_selector("text=Undone", timeout=30_000)
    page.goto("/imports")
    page.wait_for_selector("text=Undone")
    accessible(page)
    page.goto("/o/contact?q=展会客户")
    assert not page.locator("tbody tr[data-id]").count()
    problems = visit.problems
    visit.context.close()
    assert problems == []


def accessible(page: Page) -> None:
    """axe finds nothing serious."""
    page.wait_for_load_state("networkidle")
    if AXE.is_file():
        assert findings(page) == [], page.url


def fits(page: Page) -> None:
    """Nothing sticks out of the window."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
             .map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 60)}`).slice(0, 5)"""
    )
    assert wide == [], page.url
