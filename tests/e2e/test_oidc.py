"""Signing in through an OpenID Connect provider, in the browser: set up on the pages, tested, used, refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Visit
from tests.signin.provider.running import CLIENT_ID, CLIENT_SECRET, Provider, running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("oidc")) as found:
        yield found


def set_up(page: Page, provider: Provider) -> str:
    """Fill in the form as an administrator; the address of the new record."""
    page.goto("/o/identity_provider/new")
    for key, text in {
        "name": "公司账号",
        "name_en": "Company account",
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "group_roles": "sales → Salesperson",
    }.items():
        page.fill(f"main [name={key}]", text)
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_url(re.compile(r"/o/identity_provider/\d+$"))
    return page.url


def test_from_the_form_to_the_first_sign_in(browser: Browser, address: str, provider: Provider) -> None:
    visit = Visit(browser, address)
    page = visit.sign_in("admin")
    record = set_up(page, provider)
    assert CLIENT_SECRET not in page.content()
    page.get_by_role("button", name="Test connection").or_(
        page.get_by_role("link", name="Test connection")
    ).first.click()
    expect(page.locator("#toasts")).to_contain_text("publishes its keys")
    page.goto(f"{record}/edit")
    expect(page.locator("[name=client_secret]")).to_have_value("")
    assert CLIENT_SECRET not in page.content()
    visit.context.close()
    assert visit.problems == []

    number = record.rstrip("/").rpartition("/")[2]
    provider.serves(f"{address}/signin/oidc/{number}/callback")
    provider.knows("li.oidc", name="Li Oidc", email="li.oidc@corp.example", email_verified=True, groups=["sales"])
    provider.knows("mallory", name="Mallory", email="boss@corp.example", email_verified=False)

    visit = Visit(browser, address)
    page = visit.page
    page.goto("/signin?next=/o/task")
    page.get_by_role("link", name="Company account").click()
    page.fill("[name=username]", "li.oidc")
    page.click("text=Sign in")
    page.wait_for_url(f"{address}/o/task")
    page.goto("/o/user?q=li.oidc")
    expect(page.locator("main")).to_contain_text("Li Oidc")
    visit.context.close()
    assert visit.problems == []

    visit = Visit(browser, address, locale="zh-CN")
    page = visit.page
    page.goto("/signin")
    page.get_by_role("link", name="公司账号").click()
    page.fill("[name=username]", "mallory")
    page.click("text=Sign in")
    expect(page.get_by_text("邮箱尚未在“公司账号”完成验证")).to_be_visible()
    expect(page.locator("[name=password]")).to_be_visible()
    visit.context.close()
