"""Accounts in a browser: a new password in sight, and a log-in that ends under another's open page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import browser
from tests.e2e.browser import settle
from tests.support.class_over_http import make_class
from tests.support.running import PASSWORD, Running

pytestmark = pytest.mark.slow

ANOTHER = "another-long-password"


def log_in(page: Page, username: str, password: str) -> None:
    page.locator("input[type=text]").fill(username)
    page.locator("input[type=password]").fill(password)
    page.locator("button[kind*=FormSubmit]").click()


def test_a_new_password_is_in_sight_and_a_changed_one_ends_the_other_browsers_page(
    running: Running, launch: Callable[..., Browser]
) -> None:
    made = make_class(running.url, groups=8)
    chromium = launch()
    owner, own, other = (browser.screen(chromium, browser.DESK, "ja").new_page() for _ in range(3))

    owner.goto(f"{running.url}/accounts")
    owner.wait_for_url("**/login?to=accounts")
    log_in(owner, "facilitator", PASSWORD)
    owner.wait_for_url("**/accounts")
    owner.locator(".st-key-account_new summary").click()
    owner.locator(".st-key-account_name input").fill("mori")
    owner.locator(".st-key-account_classes_ button, .st-key-classes_ button").first.click()
    settle(owner)
    owner.locator(".st-key-account_add button").click()
    shown = owner.locator(".st-key-new_password")
    expect(shown).to_be_in_viewport(ratio=1)
    expect(owner.locator(".st-key-account_add")).to_have_count(0)
    password = shown.locator("code").inner_text().strip()
    shown.locator(".st-key-password_written button").click()
    expect(shown).to_have_count(0)

    for page in (own, other):
        page.goto(f"{running.url}/facilitator?event={made.id}")
        page.wait_for_url("**/login?to=facilitator&event=*")
        log_in(page, "mori", password)
        page.wait_for_url(f"**/facilitator?event={made.id}")
        page.locator(".staff-top").first.wait_for()

    own.goto(f"{running.url}/accounts")
    own.locator(".st-key-password_old input").fill(password)
    own.locator(".st-key-password_new input").fill("short")
    own.locator("button[kind*=FormSubmit]").click()
    expect(own.locator(".st-key-notice_password")).to_be_in_viewport(ratio=1)
    expect(own.locator(".st-key-password_old input")).to_have_value(password)
    own.locator(".st-key-password_new input").fill(ANOTHER)
    own.locator("button[kind*=FormSubmit]").click()
    own.wait_for_url("**/login?told=login_password_changed")
    expect(own.get_by_text("パスワードを変更しました。")).to_be_in_viewport()

    other.wait_for_url(f"**/login?to=facilitator&event={made.id}&told=login_ended")
    expect(other.locator("input[type=password]")).to_be_in_viewport()
    expect(other.locator(".staff-top nav")).to_have_count(0)
    log_in(other, "mori", ANOTHER)
    other.wait_for_url(f"**/facilitator?event={made.id}")
