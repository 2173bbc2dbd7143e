"""A class day in real browsers: log in, join, shoot with two iPads, train, try, and see it projected."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import WAIT_MS, film, ipad, join, press
from tests.support.class_over_http import make_class
from tests.support.running import PASSWORD, Running
from tests.support.stand_ins import COLORS, jpeg

pytestmark = pytest.mark.slow

SHOTS = 6


def things(color: tuple[int, int, int]) -> Iterator[Image.Image]:
    """Things of one colour, never twice the same."""
    for n in range(24):
        picture = Image.open(io.BytesIO(jpeg(color, n, side=240)))
        yield picture.crop((0, 0, 240 - 4 * n, 240 - 4 * n))


def shoot(page: Page, label: str) -> None:
    """Choose the label and tap the shutter; all photos are in the gallery when this returns."""
    page.locator(".cam[data-word=live]").wait_for()
    page.locator("button", has_text=label).first.tap()  # and at once the shutter, as a child would
    for number in range(SHOTS):
        page.locator(".shutter").tap()
        page.wait_for_timeout(400)
        expect(page.locator("img[src*='/thumb']")).to_have_count(number + 1, timeout=WAIT_MS)


def test_a_class_day(running: Running, launch: Callable[..., Browser], tmp_path: Path) -> None:
    group = make_class(running.url, groups=2).groups[0]
    address = running.url + group.join_path

    # Two iPads of one group, each with a camera that sees something else.
    pages = []
    for label, name in (("apple", "りんご"), ("banana", "バナナ")):
        context = ipad(launch(film(tmp_path / f"{label}.y4m", things(COLORS[label]))))
        page = join(context, address)
        shoot(page, name)
        pages.append(page)
    first = pages[0]

    # What the other iPad took is there after a reload; then the one big button.
    first.reload()
    press(first, "big_to_train")
    press(first, "big_train")
    expect(first.get_by_text("せいかい").first).to_be_visible(timeout=WAIT_MS)

    # It guesses what the camera sees.
    first.locator("[class*=_to_play] button").tap()  # large or small: it depends on the score
    expect(first.locator(".player .headline-text")).to_contain_text("りんご", timeout=WAIT_MS)

    # The facilitator logs in and opens the projector.
    facilitator = launch().new_context(viewport={"width": 1280, "height": 720}, locale="ja-JP")
    facilitator.set_default_timeout(WAIT_MS)
    desk = facilitator.new_page()
    desk.goto(f"{running.url}/login")
    desk.locator("input[type=text]").fill("facilitator")
    desk.locator("input[type=password]").fill(PASSWORD)
    desk.locator("button[kind*=FormSubmit]").click()
    desk.wait_for_url("**/facilitator*")
    link = desk.locator("a[href*='/projector/']").first
    projector = facilitator.new_page()
    projector.goto(running.url + str(link.get_attribute("href")).removeprefix(running.url))
    drawn = projector.get_by_text(group.name).or_(projector.locator(f"[aria-label*='{group.name}']")).first
    expect(drawn).to_be_visible(timeout=WAIT_MS)

    # A stranger gets nowhere.
    stranger = launch().new_page()
    for path in ("collect", "train", "play", "results", "projector"):
        stranger.goto(f"{running.url}/{path}")
        expect(stranger.locator(".way-back")).to_be_visible(timeout=WAIT_MS)
    for path in ("facilitator", "reset"):
        stranger.goto(f"{running.url}/{path}")
        stranger.wait_for_url(f"**/login?to={path}")
        expect(stranger.locator("input[type=password]")).to_be_visible(timeout=WAIT_MS)
