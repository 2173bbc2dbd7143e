"""The photo coach's bubble in headless Chromium: one picture, one sentence, seldom and never in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from classroom_app.content import i18n
from tests.e2e.widgets.support import Ipad, shown, until

pytestmark = pytest.mark.slow
SHOTS = os.environ.get("COACH_SHOTS", "")  # a folder for screenshots, for looking at them


def advise(ipad: Ipad, kind: str, **blanks: str) -> None:
    """From now on the server gives this advice with every photo."""
    ipad.harness.set(coach=[kind, i18n.t_html(f"coach_{kind}", "ja", **blanks)])


def live(ipad: Ipad) -> Page:
    ipad.open("w=camera")
    ipad.page.locator(".cam[data-word=live]").wait_for()
    return ipad.page


def shoot(ipad: Ipad, count: int) -> None:
    """Tap until so many photos are at the server."""
    ipad.page.locator(".shutter").tap()
    assert until(lambda: len(ipad.harness.arrived()["photos"]) >= count, ipad.page)
    ipad.page.wait_for_timeout(400)


def forget_times(page: Page) -> None:
    page.evaluate("window.classroomCoachTimes?.clear()")


def look(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(350)
        page.screenshot(path=f"{SHOTS}/{name}.png")


def test_advice_is_a_bubble_that_goes_by_itself_and_leaves_the_shutter_free(ipad: Ipad) -> None:
    page = live(ipad)
    advise(ipad, "dark")
    shoot(ipad, 1)
    bubble = page.locator(".coach")
    expect(bubble).to_be_visible()
    expect(page.locator(".coach-text")).to_have_text(shown("coach_dark"))
    expect(page.locator(".coach ruby rt").first).to_have_text("あか")
    expect(page.locator(".coach-picture")).to_have_text("🌙")
    expect(page.locator(".coach-spoken")).to_contain_text("あかるい")
    inside = (
        "element => { const box = element.getBoundingClientRect(); return [box.left, box.right, box.top]; }"
    )
    left, right, top = bubble.evaluate(inside)
    assert left >= 0
    assert top >= 0
    assert right <= 810
    page.locator(".shutter").tap()  # not covered
    assert until(lambda: len(ipad.harness.arrived()["photos"]) >= 2, page)
    expect(bubble).to_be_hidden(timeout=9000)


def test_advice_is_not_repeated_at_every_photo(ipad: Ipad) -> None:
    page = live(ipad)
    advise(ipad, "blurry")
    shoot(ipad, 1)
    expect(page.locator(".coach")).to_be_visible()
    advise(ipad, "same")
    shoot(ipad, 2)
    expect(page.locator(".coach-text")).to_have_text(shown("coach_blurry"))
    forget_times(page)
    shoot(ipad, 3)
    expect(page.locator(".coach-text")).to_have_text(shown("coach_same"))


def test_advice_for_a_photo_that_waited_for_the_network_is_not_shown(ipad: Ipad) -> None:
    page = live(ipad)
    ipad.harness.set(mode="down")
    page.locator(".shutter").tap()
    page.wait_for_timeout(300)
    page.evaluate("for (const photo of window.classroomPhotoQueue.photos.values()) photo.takenAt -= 60000")
    advise(ipad, "dark")
    assert until(lambda: len(ipad.harness.arrived()["photos"]) >= 1, page)
    page.wait_for_timeout(500)
    expect(page.locator(".coach")).to_be_hidden()


def test_without_advice_there_is_no_bubble(ipad: Ipad) -> None:
    page = live(ipad)
    shoot(ipad, 1)
    expect(page.locator(".coach")).to_be_hidden()


@pytest.mark.parametrize("size", [(810, 1080), (1080, 810)])
def test_the_bubble_fits_the_page_in_both_directions(ipad: Ipad, size: tuple[int, int]) -> None:
    width, height = size
    ipad.page.set_viewport_size({"width": width, "height": height})
    page = live(ipad)
    for number, kind in enumerate(("face", "background", "few"), start=1):
        advise(ipad, kind, label="🍊 オレンジ") if kind == "few" else advise(ipad, kind)
        forget_times(page)
        shoot(ipad, number)
        expect(page.locator(".coach")).to_be_visible()
        box = page.locator(".coach").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        shutter = page.locator(".shutter").bounding_box()
        assert shutter is not None
        assert box["y"] + box["height"] <= shutter["y"] + 1
        look(page, f"{kind}_{width}x{height}")
