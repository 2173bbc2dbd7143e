"""The player widget in headless Chromium: calm bars, doubt, freezing, and a server with nothing to say."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.e2e.widgets.support import Ipad, shown, until

pytestmark = pytest.mark.slow


def live(ipad: Ipad, **switches: object) -> Page:
    """Open the player with a guess switched on."""
    ipad.harness.set(**switches)
    ipad.open("w=player")
    ipad.page.locator(".player[data-word=live]").wait_for()
    return ipad.page


def names(page: Page) -> list[str]:
    """The labels of the bars from top to bottom."""
    seen = "row => [row.style.getPropertyValue('--rank'), row.querySelector('.name').textContent]"
    rows = page.locator(".row:not(.out)").evaluate_all(f"rows => rows.map({seen})")
    return [name for _, name in sorted(rows)]


def test_it_guesses_at_most_four_times_a_second_and_the_bars_keep_their_order(ipad: Ipad) -> None:
    page = live(ipad)
    expect(page.locator(".headline-text")).to_have_text("グー")
    page.wait_for_timeout(500)
    before, began = len(ipad.harness.arrived()["frames"]), time.monotonic()
    for _ in range(10):
        assert names(page) == ["グー", "パー", "チョキ"]
        page.wait_for_timeout(300)
    guesses = len(ipad.harness.arrived()["frames"]) - before
    assert 2 <= guesses <= 1 + 4 * (time.monotonic() - began)
    expect(page.locator(".row.best .share")).to_have_text(shown("sure_probably"))
    expect(page.locator(".bars")).not_to_contain_text("%")


def test_it_says_when_it_does_not_know(ipad: Ipad) -> None:
    page = live(ipad, guess="unsure")
    expect(page.locator(".headline-text")).to_contain_text(shown("player_unsure_torn"))
    expect(page.locator(".row.best")).to_have_count(0)
    ipad.harness.set()
    expect(page.locator(".headline-text")).to_have_text("グー")


def test_a_tap_freezes_the_picture_and_asks_once(ipad: Ipad) -> None:
    page = live(ipad)
    expect(page.locator(".row.best")).to_have_count(1)
    page.locator(".freeze").tap()
    expect(page.locator(".still")).to_be_visible()
    page.wait_for_timeout(800)
    before = len(ipad.harness.arrived()["frames"])
    page.wait_for_timeout(1200)
    assert len(ipad.harness.arrived()["frames"]) == before
    page.locator(".freeze").tap()
    expect(page.locator(".still")).to_be_hidden()
    assert until(lambda: len(ipad.harness.arrived()["frames"]) > before + 2, page)


def test_a_tap_looks_around_its_ring_fills_and_it_says_what_came_of_it(ipad: Ipad) -> None:
    page = live(ipad, variety=0.4)
    button, words = page.locator(".around"), page.locator(".around-text")
    expect(words).to_have_text(shown("player_around_here"))
    button.tap()
    expect(button).to_have_attribute("data-state", "show")
    expect(words).to_have_text(shown("player_around_show"))
    expect(button).to_have_css("--seen", "0.40")
    expect(words).to_have_text(shown("player_around_few"), timeout=12_000)
    button.tap()
    expect(button).to_have_attribute("data-state", "show")
    ipad.harness.set(variety=1.0, around=True)
    expect(words).to_have_text(shown("player_around_done"))
    button.tap()
    ipad.harness.set()
    expect(words).to_have_text(shown("player_around_here"))


def test_without_a_model_it_says_what_to_do_and_starts_by_itself_later(ipad: Ipad) -> None:
    page = live(ipad, guess="no_model")
    expect(page.locator(".headline-text")).to_contain_text(shown("player_no_model"))
    ipad.harness.set()
    expect(page.locator(".headline-text")).to_have_text("グー", timeout=8000)


def test_in_a_gap_of_the_network_nothing_stands_there_as_an_answer(ipad: Ipad) -> None:
    page = live(ipad)
    expect(page.locator(".row.best")).to_have_count(1)
    expect(page.locator(".where-adult")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator(".offline")).to_be_visible(timeout=8000)
    expect(page.locator(".headline-text")).to_have_text(shown("player_offline_wait"))
    expect(page.locator(".row")).to_have_count(0)
    expect(page.locator(".where-adult")).to_be_hidden()
    page.context.set_offline(False)
    expect(page.locator(".offline")).to_be_hidden(timeout=8000)
    expect(page.locator(".row.best")).to_have_count(1)


def test_what_it_said_of_a_picture_that_stands_still_holds_without_the_network(ipad: Ipad) -> None:
    page = live(ipad)
    expect(page.locator(".row.best")).to_have_count(1)
    page.route("**/explain*", lambda route: route.abort())
    page.locator(".freeze").tap()
    expect(page.locator(".offline")).to_be_visible(timeout=8000)
    expect(page.locator(".row.best")).to_have_count(1)
    page.locator(".freeze").tap()
    expect(page.locator(".offline")).to_be_hidden(timeout=8000)


def test_it_asks_nothing_while_the_page_is_hidden(ipad: Ipad) -> None:
    page = live(ipad)
    expect(page.locator(".row.best")).to_have_count(1)
    page.evaluate("""() => {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
      document.dispatchEvent(new Event('visibilitychange'));
    }""")
    page.wait_for_timeout(700)
    before = len(ipad.harness.arrived()["frames"])
    page.wait_for_timeout(3500)
    assert len(ipad.harness.arrived()["frames"]) == before
    page.locator(".player[data-word=asleep]").wait_for()
    page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
    page.locator(".player[data-word=live]").wait_for()
    assert until(lambda: len(ipad.harness.arrived()["frames"]) > before, page)


def test_a_refused_camera_guesses_on_photos(ipad_refused: Ipad, tmp_path: Path) -> None:
    ipad = ipad_refused
    ipad.open("w=player")
    page = ipad.page
    page.locator(".player[data-word=denied]").wait_for()
    expect(page.locator(".headline-text")).to_have_text(shown("player_think_photo"))
    expect(page.locator(".take")).to_have_text(shown("player_take"))
    expect(page.locator(".help")).to_have_text(shown("camera_help"))
    Image.new("RGB", (900, 600), (200, 160, 90)).save(tmp_path / "one.jpg")
    with page.expect_file_chooser() as chooser:
        page.locator(".take").tap()
    chooser.value.set_files(tmp_path / "one.jpg")
    expect(page.locator(".headline-text")).to_have_text("グー")
    expect(page.locator(".still")).to_be_visible()
    expect(page.locator(".card")).to_be_hidden()
    page.locator(".freeze").tap()
    expect(page.locator(".take")).to_be_visible()
    expect(page.locator(".headline-text")).to_have_text(shown("player_think_photo"))
    expect(page.locator(".row")).to_have_count(0)


SIZES = ((810, 1080), (1080, 810), (507, 1080), (320, 1080))
ENDS = """(player) => ['.bars', '.row:not(.out)', '.row.best .name', '.row.best .tube'].map((part) =>
  [...player.querySelectorAll(part)].map((one) => one.getBoundingClientRect())
    .map((box) => [box.top, box.bottom]).sort((one, other) => one[0] - other[0]))"""


@pytest.mark.parametrize(("labels", "bars"), [(4, 4), (5, 3)])
def test_up_to_four_labels_have_a_bar_each_at_every_size(ipad: Ipad, labels: int, bars: int) -> None:
    def answer(route: Route) -> None:
        scores = [
            {"label_id": f"label-{n}", "key": "x", "emoji": "✊", "name": f"ラベル{n}", "p": share}
            for n, share in enumerate([0.7, *[0.05] * (labels - 1)])
        ]
        route.fulfill(json={"version": 1, "unsure": False, "scores": scores}, headers={"X-Classroom": "1"})

    ipad.page.route("**/predict*", answer)
    page = live(ipad)
    expect(page.locator(".row:not(.out)")).to_have_count(bars)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(600)
        room, rows, name, tube = page.locator(".player").evaluate(ENDS)
        assert len(rows) == bars
        assert rows[-1][1] <= room[0][1] + 1
        assert all(one[1] <= below[0] for one, below in pairwise(rows))
        assert name[0][1] <= tube[0][0] + 1  # words above their bar
