"""The time of a round in Chromium: it ticks, hears the server, and says the last minutes in words."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.widgets.support import Ipad, shown

pytestmark = pytest.mark.slow

HEAR = "news => dispatchEvent(new CustomEvent('round-clock', { detail: news }))"


def opened(ipad: Ipad, query: str) -> Page:
    ipad.open(f"w=round&{query}")
    ipad.page.locator(".round .left").wait_for()
    ipad.page.evaluate("addEventListener('round-over', () => { window.over = (window.over ?? 0) + 1; })")
    return ipad.page


def test_it_counts_down_and_says_the_last_five_minutes_once_in_words(ipad: Ipad) -> None:
    page = opened(ipad, "left=304")
    expect(page.locator(".round .left")).to_have_text("5:00")
    expect(page.locator(".round .word")).to_have_text(shown("clock_five"))
    expect(page.locator(".round .spoken")).to_have_text("あと 5ふんだよ")
    expect(page.locator(".round")).to_have_attribute("data-stage", "soon")
    expect(page.locator(".round .word")).to_be_hidden(timeout=20_000)


def test_the_servers_word_holds_and_the_end_is_told_once(ipad: Ipad) -> None:
    page = opened(ipad, "left=2000")
    expect(page.locator(".round")).to_have_attribute("data-stage", "calm")
    page.evaluate(HEAR, {"leftMs": 59_000, "paused": False})
    expect(page.locator(".round .word")).to_have_text(shown("clock_one"))
    expect(page.locator(".round")).to_have_attribute("data-stage", "last")
    page.evaluate(HEAR, {"leftMs": 600, "paused": False})
    expect(page.locator(".round .left")).to_have_text("0:00")
    expect(page.locator(".round .word")).to_have_text(shown("clock_over"))
    expect(page.locator(".round")).to_have_attribute("data-stage", "over")
    page.wait_for_function("window.over === 1")


def test_a_pause_stands_still_until_the_server_goes_on(ipad: Ipad) -> None:
    page = opened(ipad, "left=125&paused=1")
    expect(page.locator(".round")).to_have_attribute("data-stage", "paused")
    expect(page.locator(".round .sign")).to_have_text("⏸️")
    page.wait_for_timeout(2500)
    expect(page.locator(".round .left")).to_have_text("2:05")
    page.evaluate(HEAR, {"leftMs": 125_000, "paused": False})
    expect(page.locator(".round .left")).to_have_text("2:03")


def test_a_pause_is_told_to_ears_alone_the_page_writes_of_it(ipad: Ipad) -> None:
    page = opened(ipad, "left=200")
    page.evaluate(HEAR, {"leftMs": 100_000, "paused": True})
    expect(page.locator(".round .spoken")).to_have_text("とまっているよ")
    expect(page.locator(".round .word")).to_be_hidden()


def test_the_clock_stands_in_the_middle_of_its_place(ipad: Ipad) -> None:
    page = opened(ipad, "left=200")
    place, face = (page.locator(part).bounding_box() for part in (".w.round", ".round .face"))
    assert place is not None
    assert face is not None
    assert abs(2 * (face["y"] - place["y"]) + face["height"] - place["height"]) <= 1
