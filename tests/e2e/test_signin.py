"""Signing in by hand: second factors, passkeys on a virtual authenticator, recovery codes, sessions."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.e2e.conftest import PASSWORD, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SECURITY = "/preferences/security"


def code(secret: str, steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def authenticator(visit: Visit) -> tuple[CDPSession, str]:
    """A virtual device that keeps passkeys and knows its owner."""
    cdp = visit.context.new_cdp_session(visit.page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def sign_out(page: Page) -> None:
    page.locator("[popovertarget='menu-person']").click()
    page.locator("#signout button").click()
    expect(page).to_have_url(re.compile("/signin$"))


def password(page: Page, username: str) -> None:
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")


def drop_factors(page: Page) -> None:
    """Take all factors away again: the tests share one program."""
    page.goto(SECURITY)
    while page.get_by_role("button", name="Remove").count():
        before = page.get_by_role("button", name="Remove").count()
        page.get_by_role("button", name="Remove").first.click()
        expect(page.get_by_role("button", name="Remove")).to_have_count(before - 1)


@pytest.fixture
def clean(visit: Visit) -> Iterator[Visit]:
    visit.page.on("dialog", lambda dialog: dialog.accept())
    yield visit
    drop_factors(visit.page)


def test_codes_of_an_app_and_a_recovery_code(clean: Visit, browser: Browser, address: str) -> None:
    page = clean.sign_in("sales")
    page.goto("/preferences")
    page.get_by_role("link", name="Security").click()
    page.get_by_role("link", name="Switch on").click()
    expect(page.get_by_alt_text("QR code with the key for the app")).to_be_visible()
    page.get_by_text("Or type the key").click()
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.fill("#code", "123456")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.fill("#code", code(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".codes code").all_inner_texts()
    assert len(recovery) == 10
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert recovery[0] in saved.value.path().read_text()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("10 codes are left.")).to_be_visible()

    sign_out(page)
    password(page, "sales")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.fill("#code", code(secret, 1))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")

    other = Visit(browser, address)
    for round_, expected in ((1, "home"), (2, "refused")):
        other.page.goto("/signin")
        password(other.page, "sales")
        other.page.fill("#code", recovery[0])
        other.page.keyboard.press("Enter")
        if expected == "home":
            other.page.wait_for_url(f"{address}/")
            sign_out(other.page)
        else:
            expect(other.page.get_by_role("alert")).to_be_visible()
        assert round_
    other.context.close()


def test_a_passkey_as_second_factor_and_alone(clean: Visit, address: str) -> None:
    cdp, _device = authenticator(clean)
    page = clean.sign_in("sales")
    page.goto(f"{SECURITY}/passkeys/add")
    page.fill("#key-name", "My laptop")
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(SECURITY)
    expect(page.get_by_label("Name of the passkey")).to_have_value("My laptop")
    expect(page.get_by_text("opens without a password")).to_be_visible()
    page.get_by_label("Name of the passkey").fill("Office laptop")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_contain_text("Saved")
    expect(page.get_by_label("Name of the passkey")).to_have_value("Office laptop")

    sign_out(page)
    password(page, "sales")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{address}/")

    sign_out(page)
    page.goto("/signin?next=%2Fo%2Faccount")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/o/account")
    sign_out(page)

    # Whoever does not show that it is the owner does not get in with the passkey alone.
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": _device, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("gx-passkey [data-trouble]")).to_contain_text("not used")
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": _device, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/")


def test_another_device_is_signed_out_from_here(visit: Visit, browser: Browser, address: str) -> None:
    visit.page.on("dialog", lambda dialog: dialog.accept())
    other = Visit(browser, address, user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1")
    other.sign_in("sales")
    page = visit.sign_in("sales")
    page.goto(SECURITY)
    row = page.locator("li", has_text="Safari · iPhone").first
    expect(row).to_be_visible()
    row.get_by_role("button", name="Sign out").click()
    expect(page.locator(".toast-note")).to_contain_text("The session is ended.")
    other.page.goto("/o/account")
    expect(other.page).to_have_url(re.compile("/signin"))
    other.context.close()


def test_a_key_is_made_and_copied(visit: Visit) -> None:
    visit.page.on("dialog", lambda dialog: dialog.accept())
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.sign_in("sales")
    page.goto(f"{SECURITY}/keys/new")
    page.fill("#k-name", "Nightly report")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".toast-note")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"gx_[\w-]{40,}", copied)
    assert copied == page.locator("#secret").inner_text()
    page.get_by_role("link", name="Done").click()
    page.locator("li", has_text="Nightly report").get_by_role("button", name="Revoke").click()
    expect(page.locator("li", has_text="Nightly report")).to_have_count(0)


def test_the_pages_of_signing_in_fit_a_phone(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/signin", "/signin/forgotten"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    visit.sign_in("sales")
    for path in ("", "/app", "/passkeys/add", "/keys/new"):
        page.goto(SECURITY + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
