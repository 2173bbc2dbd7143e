"""The label whose camera is open stays the same, whatever becomes of the page: its photos are of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import WAIT_MS, ipad, join
from tests.support.class_over_http import make_class
from tests.support.running import Running

pytestmark = pytest.mark.slow


def test_the_chosen_label_outlives_reload_language_and_a_page_between(
    running: Running, launch: Callable[..., Browser]
) -> None:
    made = make_class(running.url)
    page = join(ipad(launch()), f"{running.url}{made.groups[0].join_path}")

    def expect_third(at: Page = page) -> None:
        expect(at.locator(".tile.chosen .emoji")).to_have_text("🍊", timeout=WAIT_MS)
        expect(at.locator(".chip-emoji")).to_have_text("🍊", timeout=WAIT_MS)

    expect(page.locator(".tile.chosen .emoji")).to_have_text("🍎", timeout=WAIT_MS)
    page.locator(".tile").nth(2).click()
    expect_third()
    page.reload()
    expect_third()
    page.locator(".st-key-language button").click()
    expect(page.locator(".tile.chosen .name")).to_have_text("Orange", timeout=WAIT_MS)
    expect_third()
    page.locator(".st-key-steps a").nth(1).click()
    page.wait_for_url("**/train*")
    page.reload()
    page.locator(".st-key-steps a").nth(0).click()
    expect_third()
    page.go_back()  # no step of the tiles lies between
    page.wait_for_url("**/train*")


def test_the_button_under_the_camera_opens_the_next_label_at_once(
    running: Running, launch: Callable[..., Browser]
) -> None:
    made = make_class(running.url)
    page = join(ipad(launch()), f"{running.url}{made.groups[0].join_path}")
    page.locator(".cam[data-word=live]").wait_for(timeout=WAIT_MS)
    for _ in range(5):
        page.locator(".shutter").tap()
        page.wait_for_timeout(450)
    way = page.locator(".tiles[data-layout=way] .tile")
    way.wait_for(timeout=WAIT_MS)
    box = way.bounding_box()
    assert box
    assert box["height"] >= 60
    emoji = way.locator(".emoji").inner_text()
    page.context.set_offline(True)  # the camera does not wait for the page
    way.tap()
    expect(page.locator(".tiles:not([data-layout=way]) .tile.chosen .emoji")).to_have_text(emoji)
    expect(page.locator(".chip-emoji")).to_have_text(emoji)
    page.context.close()
